package io.github.headlock.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import io.github.headlock.campaign.replica.FileThrottle;
import org.jspecify.annotations.Nullable;

/**
 * Does beside the faults what a plan says, one after the other, on a thread of its own.
 */
final class BackgroundDisturbances implements AutoCloseable {

	private static final long PERIOD = 50;

	/** Long enough for whoever works to look, also after a restart of the server. */
	private static final Duration UNTIL_HELD = Duration.ofSeconds(10);

	/** A batch is tried five times before a row is left out, with growing pauses. */
	private static final Duration UNTIL_FAILED = Duration.ofSeconds(20);

	private static final String LOCK = "LOCK TABLE customer IN SHARE UPDATE EXCLUSIVE MODE";

	/** The next row of the pass. */
	private static final String SPOIL = "INSERT INTO " + BackgroundRelease.BAD_ROWS
			+ " SELECT n FROM customer c, flyway_schema_history_background p "
			+ "WHERE c.full_name IS NULL AND (p.cursor_key IS NULL OR c.id > p.cursor_key[1]::%s) "
			+ "ORDER BY c.id LIMIT 1 ON CONFLICT DO NOTHING";

	private final BackgroundStage stage;

	private final BackgroundJobs jobs;

	private final Path hold;

	private final FaultTally tally;

	private final Thread thread = new Thread(this::run, "disturbances");

	private volatile boolean over;

	private volatile @Nullable Throwable failure;

	/**
	 * Prepares them.
	 * @param stage where
	 * @param jobs the Jobs, if there are any
	 * @param hold the file that lets the throttles of all replicas hold
	 * @param tally counts them
	 */
	BackgroundDisturbances(BackgroundStage stage, BackgroundJobs jobs, Path hold, FaultTally tally) {
		this.stage = stage;
		this.jobs = jobs;
		this.hold = hold;
		this.tally = tally;
		this.thread.setDaemon(true);
	}

	void begin() {
		this.thread.start();
	}

	private void run() {
		try {
			for (BackgroundDisturbance disturbance : this.stage.plan().extras().disturbances()) {
				waitFor(disturbance.delay(), () -> false);
				if (this.over) {
					this.tally.miss(disturbance, MissReason.PASSED);
				}
				else if (disturb(disturbance)) {
					this.tally.hit(disturbance.kind());
				}
				else {
					this.tally.miss(disturbance, MissReason.IN_VAIN);
				}
			}
		}
		catch (Throwable ex) {
			this.failure = ex;
		}
	}

	private boolean disturb(BackgroundDisturbance disturbance) throws SQLException {
		this.stage.timeline().note("BESIDE: %s", disturbance);
		return switch (disturbance.kind()) {
			case HELD -> hold("", disturbance.length());
			case THROTTLE_FAILED -> hold(FileThrottle.FAIL, disturbance.length());
			case TABLE_LOCKED -> lock(disturbance.length());
			case FULL_SPEED -> this.stage.operator().setFullSpeed();
			case INTERRUPTED -> this.stage.operator().pause(true, () -> waitFor(disturbance.length(), () -> false));
			case RETRIED -> failAndRetry();
			case JOB_KILLED -> this.jobs.strikeAny(ReplicaProcess::kill);
			case JOB_TERMINATED -> this.jobs.strikeAny(ReplicaProcess::terminate);
		};
	}

	private boolean hold(String text, int millis) {
		try {
			Files.writeString(this.hold, text);
			return holdsFor(millis);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.hold.toFile().delete();
		}
	}

	private boolean lock(int millis) {
		try (Connection connection = this.stage.database().connect();
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("SET application_name = 'ddl'");
			statement.execute(LOCK);
			return holdsFor(millis);
		}
		catch (SQLException ex) {
			this.stage.timeline().note("no lock any more: %s", ex);
			return false;
		}
	}

	/** Returns whether it was written down that it holds. */
	private boolean holdsFor(int millis) {
		waitFor(UNTIL_HELD.toMillis(), () -> !this.stage.progress().heldBecause().isEmpty());
		String because = this.stage.progress().heldBecause();
		this.stage.timeline().note("held%s", because.isEmpty() ? " nobody" : ": " + because);
		waitFor(because.isEmpty() ? 0 : millis, () -> false);
		return !because.isEmpty();
	}

	private boolean failAndRetry() {
		executeWhenUp(String.format(Locale.ROOT, SPOIL, this.stage.scenario().uuid() ? "uuid" : "bigint"));
		waitFor(UNTIL_FAILED.toMillis(), () -> this.stage.progress().failedRows() > 0);
		this.stage.timeline().note("with a bad row: %s", this.stage.progress().describe());
		executeWhenUp("DELETE FROM " + BackgroundRelease.BAD_ROWS);
		return this.stage.operator().retry();
	}

	private void executeWhenUp(String sql) {
		Wait.atMost(Duration.ofSeconds(60), "the database to answer", () -> {
			try {
				this.stage.database().execute(sql);
				return Optional.of(sql);
			}
			catch (SQLException ex) {
				return Optional.empty();
			}
		});
	}

	private void waitFor(long millis, BooleanSupplier enough) {
		long deadline = System.nanoTime() + millis * 1_000_000;
		while (!this.over && System.nanoTime() - deadline < 0 && !enough.getAsBoolean()) {
			Wait.pause(PERIOD);
		}
	}

	/** Ends what is under way, and does no more. */
	@Override
	public void close() {
		this.over = true;
		Wait.forEnd(this.thread);
		Throwable ex = this.failure;
		if (ex != null) {
			throw new IllegalStateException(String.format(Locale.ROOT, "Nobody disturbs: %s", ex), ex);
		}
	}

}
