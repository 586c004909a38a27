package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import io.github.headlock.SchemaState;
import io.github.headlock.background.UnfinishedMigrations.Unfinished;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.NestedExceptionUtils;

/**
 * Keeps a start waiting until the background migrations of its release are finished. A
 * runner of this process works on them meanwhile, as it does while the application
 * serves, and so do those of other processes. To be used once.
 */
final class Finishing {

	private static final Logger logger = LoggerFactory.getLogger(Finishing.class);

	/** Pause between two looks at what the runner has found. */
	private static final Duration LOOK = Duration.ofMillis(50);

	private static final Duration REPORT = Duration.ofSeconds(60);

	private static final String MEANWHILE = "finishing background migrations";

	private final BackgroundRunner runner;

	private final UnfinishedMigrations migrations;

	private final MigrationConnections connections;

	private final String role;

	private final @Nullable Deadline deadline;

	private final Stopwatch stopwatch = new Stopwatch();

	private Duration nextReport = REPORT;

	/** Whether the runner has found some that it can finish. */
	private boolean begun;

	private boolean soughtPrimary;

	private boolean lookedAgain;

	/**
	 * Prepares it.
	 * @param runner works on them
	 * @param migrations tells which are not finished
	 * @param connections connections of the role that works on them
	 * @param role name of that role
	 * @param timeout longest that it may take, {@code null} for no bound
	 */
	Finishing(BackgroundRunner runner, UnfinishedMigrations migrations, MigrationConnections connections, String role,
			@Nullable Duration timeout) {
		this.runner = runner;
		this.migrations = migrations;
		this.connections = connections;
		this.role = role;
		this.deadline = (timeout != null) ? Deadline.in(timeout) : null;
	}

	/**
	 * Waits until all are finished, or need not be by this release.
	 * @throws BackgroundUnfinishedException if that takes too long, or would take for
	 * ever
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread is
	 * interrupted or the JVM is told to end
	 */
	void run() {
		try (Backoff backoff = new Backoff(MEANWHILE)) {
			this.runner.start();
			try {
				while (!isOver()) {
					backoff.sleep(LOOK);
				}
			}
			finally {
				this.runner.close();
			}
		}
	}

	private boolean isOver() {
		RunnerFindings findings = this.runner.findings();
		List<Progress> states = findings.states();
		Throwable failure = findings.failure();
		if (failure != null && isPermanent(failure)) {
			throw notWorkedOn(failure);
		}
		begin(findings.firstStates());
		if (states != null && isDone(states)) {
			return true;
		}
		if (!this.begun && findings.isOnStandby()) {
			return !seeksPrimary();
		}
		if (findings.schema() == SchemaState.AHEAD) {
			logger.info(
					"The schema is ahead of this release now, which therefore leaves its background migrations to the "
							+ "later one");
			return true;
		}
		if (this.deadline != null && this.deadline.isOver()) {
			return timedOut(this.deadline, failure);
		}
		report(findings);
		return false;
	}

	/** Also says so when the runner has finished them before it was asked. */
	private void begin(@Nullable List<Progress> states) {
		if (this.begun || states == null) {
			return;
		}
		List<Unfinished> unfinished = this.migrations.of(states);
		if (unfinished.isEmpty() || !UnfinishedMigrations.remedies(unfinished).isEmpty()) {
			return;
		}
		this.begun = true;
		logger.info("Finishing the background migrations of this release{}: {}",
				(this.deadline != null) ? ", for at most " + this.deadline : "", UnfinishedMigrations.join(unfinished));
	}

	/** A failure that passes by itself, such as a lost connection, is waited out. */
	private static boolean isPermanent(Throwable failure) {
		if (!(failure instanceof SQLException refusal)) {
			return true;
		}
		BatchFailure kind = BatchFailure.of(refusal);
		return (kind == BatchFailure.DEFINITION || kind == BatchFailure.ROW)
				&& !(failure instanceof SQLTransientException);
	}

	private boolean isDone(List<Progress> states) {
		List<Unfinished> unfinished = this.migrations.of(states);
		List<String> remedies = UnfinishedMigrations.remedies(unfinished);
		if (remedies.isEmpty()) {
			return isEmpty(unfinished);
		}
		if (this.begun && !this.lookedAgain) {
			// a later release may have migrated since, and work on its own text
			this.lookedAgain = true;
			restart();
			return false;
		}
		throw failure("Background migrations of this release cannot be finished now", unfinished,
				String.join(" ", remedies) + " Then start this process again.", null);
	}

	private boolean isEmpty(List<Unfinished> unfinished) {
		if (unfinished.isEmpty()) {
			logger.info("The background migrations of this release are finished{}",
					this.begun ? ", after " + Amounts.duration(this.stopwatch.elapsed()) : "");
		}
		return unfinished.isEmpty();
	}

	private void restart() {
		this.runner.close();
		this.runner.start();
	}

	/** A standby may be one of several hosts. */
	private boolean seeksPrimary() {
		if (!this.soughtPrimary && this.connections.preferPrimary()) {
			this.soughtPrimary = true;
			restart();
			return true;
		}
		logger.info("Background migrations are not finished by this process, because {} is a standby",
				this.connections);
		return false;
	}

	private boolean timedOut(Deadline deadline, @Nullable Throwable failure) {
		// what it is in the middle of counts
		this.runner.close();
		List<Unfinished> unfinished = readStates();
		if (isEmpty(unfinished)) {
			return true;
		}
		String problem = String.format(Locale.ROOT,
				"The background migrations of this release were not finished within %s "
						+ "(headlock.background.finish-timeout)%s",
				deadline, (failure != null)
						? ", and are not worked on by this process for now: " + RootCause.describe(failure) : "");
		String action = String.format(Locale.ROOT,
				"Start this process again, which goes on from there; with a longer headlock.background.finish-timeout if "
						+ "one start is to finish them, and with headlock.background.load=1 for no pauses between "
						+ "batches. How far they are: SELECT * FROM %s",
				this.migrations.tables().progress());
		throw failure(problem, unfinished, action, failure);
	}

	private List<Unfinished> readStates() {
		try (Connection connection = this.connections.open()) {
			return this.migrations.read(connection);
		}
		catch (SQLException ex) {
			logger.warn("How far background migrations are cannot be read now: {}", RootCause.describe(ex));
			return found();
		}
	}

	/** What the runner has found last. */
	private List<Unfinished> found() {
		List<Progress> states = this.runner.findings().states();
		return (states != null) ? this.migrations.of(states) : this.migrations.unknown();
	}

	private BackgroundUnfinishedException notWorkedOn(Throwable failure) {
		boolean denied = NestedExceptionUtils.getMostSpecificCause(failure) instanceof SQLException refusal
				&& BackgroundRunner.DENIED.equals(refusal.getSQLState());
		BackgroundTables tables = this.migrations.tables();
		String remedy = denied ? String.format(Locale.ROOT,
				"Let their owner or a superuser run GRANT SELECT, INSERT, UPDATE, DELETE ON %s, %s TO %s; then start this "
						+ "process again. A process that migrates makes the tables, which takes CREATE on their schema.",
				tables.progress(), tables.batch(), this.role)
				: RootCause.remedy(failure).orElse("Mend what is said above, then start this process again.");
		return failure("The background migrations of this release cannot be worked on: " + RootCause.describe(failure),
				found(), remedy, failure);
	}

	private BackgroundUnfinishedException failure(String problem, List<Unfinished> unfinished, String action,
			@Nullable Throwable cause) {
		return new BackgroundUnfinishedException(problem, unfinished.stream().map(Unfinished::toString).toList(),
				unfinished.stream().map(Unfinished::name).toList(), this.stopwatch.elapsed(), action, cause);
	}

	private void report(RunnerFindings findings) {
		if (this.stopwatch.elapsed().compareTo(this.nextReport) >= 0) {
			logger.info("The background migrations of this release are not finished after {}: {}",
					Amounts.duration(this.stopwatch.elapsed()), describe(findings));
			this.nextReport = this.stopwatch.elapsed().plus(REPORT);
		}
	}

	private String describe(RunnerFindings findings) {
		Throwable failure = findings.failure();
		if (failure != null) {
			return "not worked on by this process for now, " + RootCause.describe(failure);
		}
		List<Progress> states = findings.states();
		return (states != null) ? UnfinishedMigrations.join(this.migrations.of(states))
				: "the schema is " + findings.schema();
	}

}
