package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.ReportInterval;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes a background migration under the migration lock, without pauses, within the
 * time that the team gives it. What is done by then stays done.
 */
final class Finalization {

	private static final Logger logger = LoggerFactory.getLogger(Finalization.class);

	/** Until other processes are done with their batches. */
	private static final Duration OTHERS_PAUSE = Duration.ofMillis(50);

	private static final Duration LONGEST_WAIT_FOR_ROW = Duration.ofSeconds(1);

	private final BackgroundSettings settings;

	private final BackgroundStore store;

	private final GateCheck check;

	private final BackgroundDefinition definition;

	private final BackgroundRegistration registration;

	private final BackgroundWork work;

	/** What was there before, {@code null} if nothing was. */
	private @Nullable Progress before;

	/** When it ends at last, {@code null} before it has begun. */
	private @Nullable Deadline deadline;

	private final ReportInterval reports = ReportInterval.afterTheFirst();

	/** Whether something has to be done for others to go on with it. */
	private boolean toGiveBack;

	private final PassPauses pauses = new PassPauses();

	/** Whether this process has found no row that needs it. */
	private boolean looked;

	/** Why rows could not be changed at the last try, {@code null} if they could. */
	private @Nullable String locked;

	Finalization(BackgroundMigrations migrations, HistoryTable history, BackgroundStore store, GateCheck check,
			BackgroundDefinition definition, MigrationVersion releaseHead) {
		this.settings = migrations.settings();
		this.store = store;
		this.check = check;
		this.definition = definition;
		this.registration = new BackgroundRegistration(store, List.of(definition), history.backgroundLockKey(),
				releaseHead);
		this.work = new BackgroundWork(store, definition, this.settings, Pace.UNDER_LOCK, history,
				migrations.count(definition));
	}

	/**
	 * Runs until it is finished.
	 * @param connections gives connections beside that of the lock
	 * @param lock the migration lock
	 * @param script what requires it, for people
	 * @return whether there is an objection now
	 * @throws io.github.headlock.waiting.StartInterruptedException if the JVM is told to
	 * end
	 */
	Verdict run(GateConnections connections, HeldLock lock, String script) {
		String meanwhile = "finishing the background migration " + this.definition.name();
		try (Backoff backoff = new Backoff(meanwhile)) {
			Optional<Verdict> verdict;
			do {
				verdict = connections.run(lock, meanwhile, (connection) -> run(connection, lock, script, backoff));
			}
			while (verdict.isEmpty());
			return verdict.get();
		}
		finally {
			if (this.toGiveBack) {
				connections.tryTo("The background migration " + this.definition.name()
						+ " cannot be given back to other processes yet", this::giveBack);
			}
		}
	}

	/** Returns nothing if another connection is needed. */
	private Optional<Verdict> run(Connection connection, HeldLock lock, String script, Backoff backoff)
			throws SQLException {
		Deadline deadline = this.deadline;
		if (deadline == null) {
			deadline = Deadline.in(this.settings.finalizeWithin());
			Verdict objection = begin(connection, lock, deadline, backoff);
			if (objection != null) {
				return Optional.of(objection);
			}
			logger.info("{} requires the background migration \"{}\"; finishing it, for at most {}", script,
					this.definition.name(), deadline);
			this.deadline = deadline;
		}
		boolean last = deadline.isOver();
		lock.ensureHeld();
		try {
			work(connection, lock, deadline, backoff);
			return Optional.of(verdict(connection));
		}
		catch (SQLException ex) {
			if (last || !connection.isClosed()) {
				throw ex;
			}
			// such as with a batch of code that was given up, or because the JVM ends
			backoff.sleep(OTHERS_PAUSE);
			logger.info("Background migration \"{}\": going on with another connection: {}", this.definition.name(),
					BatchFailure.describe(ex));
			return Optional.empty();
		}
	}

	private void work(Connection connection, HeldLock lock, Deadline deadline, Backoff backoff) throws SQLException {
		while (!deadline.isOver() && !isStopped(connection)) {
			lock.ensureHeld();
			Step step = step(connection);
			if (this.reports.isDue(deadline.stopwatch().elapsed())) {
				report(connection);
			}
			backoff.sleep(pauseAfter(step, deadline.remaining()));
		}
	}

	/** Returns why it must not be worked on, {@code null} if it may be. */
	private @Nullable Verdict begin(Connection connection, HeldLock lock, Deadline deadline, Backoff backoff)
			throws SQLException {
		String name = this.definition.name();
		this.before = this.store.tables().exist(connection) ? this.store.read(connection, name) : null;
		Transactions.run(connection, () -> this.before != null && this.store.reopen(connection, name));
		while (!this.registration.register(connection, true)) {
			lock.ensureHeld();
			if (deadline.isOver()) {
				throw new SQLException("Another process registers background migrations, and does not end");
			}
			backoff.sleep(OTHERS_PAUSE);
		}
		Progress registered = this.store.read(connection, name);
		if (registered != null && registered.state().isWorkedOn() && isOfAnotherText(registered)) {
			return this.check.ofAnotherText(registered);
		}
		this.toGiveBack = true;
		setState(connection, BackgroundState.RUNNING, BackgroundState.FINALIZING);
		return null;
	}

	private Step step(Connection connection) throws SQLException {
		try {
			Step step = this.work.step(connection);
			if (step.kind() == Kind.ROWS_LOCKED) {
				waitForRows(connection);
			}
			return step;
		}
		catch (SQLException ex) {
			if (connection.isClosed() || BatchFailure.of(ex) != BatchFailure.TIMEOUT) {
				throw ex;
			}
			// a look that took all the time
			this.locked = BatchFailure.describe(ex);
			return Step.waiting(Duration.ZERO);
		}
	}

	private Duration pauseAfter(Step step, Duration longest) {
		Duration pause = switch (step.kind()) {
			case WAITING -> OTHERS_PAUSE;
			case PASS_ENDED -> this.pauses.next();
			default -> Duration.ZERO;
		};
		return (pause.compareTo(longest) < 0) ? pause : longest;
	}

	/**
	 * Whether it has ended, or an operator has stopped it. What another process has found
	 * before this one had the lock does not count: this one looks as well.
	 */
	private boolean isStopped(Connection connection) throws SQLException {
		Progress progress = this.store.read(connection, this.definition.name());
		boolean finished = progress != null && progress.state() == BackgroundState.FINISHED;
		this.looked = finished && !this.check.isNeeded(connection, this.definition);
		if (progress != null && finished && !this.looked) {
			Transactions.run(connection, () -> this.store.reopen(connection, progress.name()));
			setState(connection, BackgroundState.RUNNING, BackgroundState.FINALIZING);
			return false;
		}
		return progress == null || !progress.state().isWorkedOn();
	}

	private void waitForRows(Connection connection) throws SQLException {
		try {
			this.work.waitForRemaining(connection, LONGEST_WAIT_FOR_ROW);
			this.locked = null;
		}
		catch (SQLException ex) {
			BatchFailure failure = BatchFailure.of(ex, connection);
			if (connection.isClosed() || failure == BatchFailure.CONNECTION) {
				throw ex;
			}
			this.locked = BatchFailure.describe(ex);
		}
	}

	private void report(Connection connection) throws SQLException {
		Progress progress = this.store.read(connection, this.definition.name());
		if (progress != null) {
			logger.info("Background migration \"{}\": {}", progress.name(),
					Estimate.of(progress, this.definition.effect(), 1).describe());
		}
	}

	private Verdict verdict(Connection connection) throws SQLException {
		setState(connection, BackgroundState.FINALIZING, BackgroundState.RUNNING);
		this.toGiveBack = this.before != null && isOfAnotherText(this.before);
		Progress progress = this.store.read(connection, this.definition.name());
		if (progress == null) {
			throw new IllegalStateException(
					"The row of the background migration " + this.definition.name() + " is gone");
		}
		return switch (progress.state()) {
			case SKIPPED -> Verdict.OPEN;
			case FINISHED -> (this.looked || !this.check.isNeeded(connection, this.definition)) ? Verdict.OPEN
					: this.check.timedOut(this.definition, progress, this.before != null, null);
			case PAUSED, FAILED -> this.check.stopped(this.definition, progress);
			default -> this.check.timedOut(this.definition, progress, this.before != null, inTheWay(connection));
		};
	}

	/** {@code null} for nothing. */
	private @Nullable String inTheWay(Connection connection) throws SQLException {
		List<String> found = new ArrayList<>();
		if (this.locked != null) {
			found.add(this.locked + "; rows of the table may be locked by " + this.work.lockers(connection));
		}
		if (this.pauses.areMany()) {
			found.add(PassEnd.WRITERS);
		}
		return found.isEmpty() ? null : String.join("; ", found);
	}

	/**
	 * So that others go on with it with pauses, also those of the release before, if the
	 * text was another one there.
	 */
	private void giveBack(Connection connection) throws SQLException {
		setState(connection, BackgroundState.FINALIZING, BackgroundState.RUNNING);
		Progress before = this.before;
		if (before != null && isOfAnotherText(before)) {
			Transactions.run(connection, () -> this.store.giveBack(connection, before));
		}
	}

	private boolean isOfAnotherText(Progress progress) {
		return !progress.hash().equals(this.definition.hash());
	}

	private void setState(Connection connection, BackgroundState expected, BackgroundState state) throws SQLException {
		Transactions.run(connection, () -> this.store.setState(connection, this.definition.name(), expected, state));
	}

}
