package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.IntFunction;

import io.github.headlock.campaign.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * A Job that finishes the background migrations of its release, and is started again
 * until it has succeeded, as Kubernetes does.
 */
final class FinishJob implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final int MOST_ATTEMPTS = 100;

	private static final long PAUSE = 500;

	private static final int LONGEST_PAUSES = 4;

	private final String name;

	private final BackgroundStage stage;

	private final List<String> laterVersions;

	private final IntFunction<ReplicaProcess> attempts;

	private final List<Violation> violations = new CopyOnWriteArrayList<>();

	private final Thread thread = new Thread(this::run, "job");

	private volatile @Nullable ReplicaProcess process;

	private volatile boolean suspended;

	private volatile boolean succeeded;

	private volatile boolean over;

	/**
	 * Starts it.
	 * @param name its name
	 * @param stage where
	 * @param laterVersions versions of releases after its own
	 * @param attempts starts the process for the attempt of this number
	 */
	FinishJob(String name, BackgroundStage stage, List<String> laterVersions, IntFunction<ReplicaProcess> attempts) {
		this.name = name;
		this.stage = stage;
		this.laterVersions = laterVersions;
		this.attempts = attempts;
		this.thread.setDaemon(true);
		this.thread.start();
	}

	private void run() {
		try {
			attempt();
		}
		catch (RuntimeException ex) {
			this.violations.add(new Violation(Invariant.JOB,
					String.format(Locale.ROOT, "%s cannot be watched: %s", this.name, ex)));
		}
	}

	private void attempt() {
		for (int i = 1; i <= MOST_ATTEMPTS && !this.succeeded && !this.over; i++) {
			while (this.suspended && !this.over) {
				Wait.pause(PAUSE);
			}
			if (!this.over) {
				attempt(i);
				Wait.pause(this.succeeded ? 0 : PAUSE * Math.min(i, LONGEST_PAUSES));
			}
		}
	}

	private void attempt(int number) {
		Instant begin = Instant.now();
		ReplicaProcess started = this.attempts.apply(number);
		this.process = started;
		while (started.isAlive() && !this.over) {
			Wait.pause(PAUSE / 100);
		}
		if (started.isAlive()) {
			started.kill();
			return;
		}
		this.stage.timeline().note("%s has ended with exit code %d", this.name, started.exitCode());
		if (started.exitCode() == 0) {
			this.violations.addAll(judgeSuccess(this.stage.database(), this.name, begin, this.laterVersions));
			this.succeeded = true;
		}
	}

	/**
	 * Decides whether a Job that has just succeeded may have done so.
	 * @param database the database of the round
	 * @param name its name
	 * @param begin when it was started
	 * @param laterVersions versions of releases after its own
	 * @return what was wrong
	 */
	static List<Violation> judgeSuccess(RoundDatabase database, String name, Instant begin,
			List<String> laterVersions) {
		return Wait.atMost(PATIENCE, "the database to answer", () -> {
			try (Connection connection = database.connect()) {
				boolean ahead = !RoundDatabase
					.list(connection, "SELECT 1 FROM flyway_schema_history WHERE success AND version = ANY (?)",
							(Object) laterVersions.toArray(String[]::new))
					.isEmpty();
				return Optional.of((ahead || BackgroundWatch.wasFinishedSince(connection, begin)) ? List.of()
						: List.of(new Violation(Invariant.JOB, String.format(Locale.ROOT,
								"%s has succeeded, and the background migration is not finished", name))));
			}
			catch (SQLException ex) {
				return Optional.empty();
			}
		});
	}

	/** Does something to its process; returns whether there is one. */
	boolean strike(Consumer<ReplicaProcess> how) {
		ReplicaProcess current = this.process;
		if (current == null || !current.isAlive()) {
			return false;
		}
		how.accept(current);
		return true;
	}

	/** Tells its process to end, and starts none until it may go on. */
	void suspend(Duration patience) {
		this.suspended = true;
		strike(ReplicaProcess::terminate);
		Wait.until(patience, () -> !strike((process) -> {
		}));
		strike(ReplicaProcess::kill);
	}

	void goOn() {
		this.suspended = false;
	}

	boolean hasSucceeded() {
		return this.succeeded;
	}

	/** What was wrong. */
	List<Violation> violations() {
		return this.violations;
	}

	String name() {
		return this.name;
	}

	/** Kills it. */
	@Override
	public void close() {
		this.over = true;
		Wait.forEnd(this.thread);
	}

}
