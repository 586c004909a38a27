package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import io.github.headlock.PrintableText;
import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.roles.RoleLockouts;
import io.github.headlock.schema.SchemaProbe;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Waits until the schema is ready or the lock is ours. Between two tries it holds no
 * connection, and so no snapshot and no place in a queue.
 */
final class LockAcquisition {

	private static final Logger logger = LoggerFactory.getLogger(LockAcquisition.class);

	private static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);

	private final MigrationConnections connections;

	private final HistoryTable table;

	private final MigrationLock lock;

	private final SchemaProbe probe;

	private final RoleLockouts blocks;

	private final WaitMode mode;

	private final Duration pollInterval;

	private final Deadline deadline;

	/** Runs from the first try that failed on. */
	private @Nullable Stopwatch waiting;

	private Duration nextReport = Duration.ZERO;

	private SchemaStatus status = SchemaStatus.unknown("Not checked yet");

	private boolean seenNotReady;

	/** Whether the application's roles were blocked at the last look. */
	private boolean seenBlocked;

	/** Who had the lock when it was last seen taken. */
	private @Nullable LockHolder holder;

	private boolean seenTaken;

	private @Nullable SQLException connectionFailure;

	private boolean warned;

	/**
	 * Prepares to wait.
	 * @param connections where each try gets its connection
	 * @param table the history table
	 * @param probe what to look with
	 * @param blocks blocks of the application's roles; while one stands, the schema is
	 * not ready for the application
	 * @param mode what ends the wait
	 * @param pollInterval mean pause between two tries
	 * @param deadline bound of the wait
	 */
	LockAcquisition(MigrationConnections connections, HistoryTable table, SchemaProbe probe, RoleLockouts blocks,
			WaitMode mode, Duration pollInterval, Deadline deadline) {
		this.connections = connections;
		this.table = table;
		this.lock = new MigrationLock(table);
		this.probe = probe;
		this.blocks = blocks;
		this.mode = mode;
		this.pollInterval = pollInterval;
		this.deadline = deadline;
	}

	/**
	 * Waits for the lock or the schema, as the mode says.
	 * @param first connection for the first try, which is closed here, or belongs to the
	 * lock if that was taken
	 * @return what the wait ended with
	 * @throws LockTimeoutException if neither came about in time
	 * @throws DatabaseUnavailableException if the database was gone for the rest of the
	 * time
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	WaitResult await(Connection first) {
		try (Backoff backoff = new Backoff("waiting for the migration lock of " + this.table)) {
			WaitResult result = tryOnce(() -> first, backoff);
			while (result == null) {
				if (this.waiting == null) {
					this.waiting = new Stopwatch();
				}
				if (this.deadline.isOver()) {
					return timeOut();
				}
				report();
				backoff.sleepWithJitter(this.pollInterval, this.deadline.remaining());
				result = tryOnce(this.connections::open, backoff);
			}
			return result;
		}
	}

	private @Nullable WaitResult tryOnce(ConnectionSource source, Backoff backoff) {
		try {
			Connection connection = source.open();
			WaitResult result = null;
			try {
				result = tryOnce(connection);
				this.connectionFailure = null;
				return result;
			}
			finally {
				if (!(result instanceof WaitResult.LockAcquired)) {
					JdbcUtils.closeConnection(connection);
				}
			}
		}
		catch (LockLostException ex) {
			logger.warn("The migration lock was lost as soon as it was taken, trying again: {}",
					PrintableText.line(ex.getMessage()));
			return null;
		}
		catch (SQLException ex) {
			backoff.throwIfInterrupted(ex);
			if (!ConnectionFailure.is(ex)) {
				throw new DatabaseUnavailableException(this.connections.toString(),
						"The migration lock cannot be taken", ex);
			}
			if (!this.warned) {
				this.warned = true;
				logger.warn(
						"The database does not answer while waiting for the migration lock of {}; "
								+ "trying again for at most {} in all: {}",
						this.table, this.deadline, PrintableText.line(ex.getMessage()));
			}
			this.connectionFailure = ex;
			return null;
		}
	}

	private @Nullable WaitResult tryOnce(Connection connection) throws SQLException {
		see(this.probe.look(connection));
		this.seenBlocked = this.blocks.exist(connection);
		if (isEnough() && !this.seenBlocked) {
			return ready();
		}
		this.seenNotReady |= !isEnough();
		// a process that only watches takes the lock for nothing but roles that were left
		// blocked, and whose login it may restore
		boolean watching = this.mode == WaitMode.SCHEMA
				&& (!this.seenBlocked || this.blocks.isLeftOverDenied(connection));
		Optional<HeldLock> taken = watching ? Optional.empty() : this.lock.tryTake(connection);
		if (taken.isEmpty()) {
			this.seenTaken = !watching;
			Optional<LockHolder> current = this.lock.holder(connection);
			this.holder = current.orElse(this.holder);
			// no migration is at work that would restore the roles
			return (watching && isEnough() && current.isEmpty()) ? ready() : null;
		}
		HeldLock held = taken.get();
		if (held.read(this.blocks::exist)) {
			this.blocks.restoreOrphaned(held);
		}
		// Whoever had the lock until now may have done the work.
		see(held.read(this.probe::look));
		if (isEnough()) {
			held.close();
			return ready();
		}
		if (this.mode == WaitMode.SCHEMA) {
			held.close();
			return null;
		}
		return new WaitResult.LockAcquired(held, this.status, waited());
	}

	private WaitResult.SchemaReady ready() {
		boolean atFirstLook = !this.seenNotReady && this.waiting == null;
		return new WaitResult.SchemaReady(this.status, waited(), atFirstLook);
	}

	private Duration waited() {
		return (this.waiting != null) ? this.waiting.elapsed() : Duration.ZERO;
	}

	private boolean isEnough() {
		// A later release's schema is not migrated, whatever else there is to do, but for
		// repeatable migrations that were never applied.
		return (this.status.state() == SchemaState.AHEAD
				&& (this.mode == WaitMode.SCHEMA || this.status.pending() == 0))
				|| (this.mode != WaitMode.LOCK && this.status.state() == SchemaState.AT_HEAD);
	}

	private void see(SchemaStatus seen) {
		if (seen.state() == SchemaState.UNKNOWN && !seen.equals(this.status)) {
			logger.warn("Cannot tell whether the schema is at head{}: {}",
					(this.mode == WaitMode.SCHEMA) ? "" : ", so Flyway decides", seen.reason());
		}
		this.status = seen;
	}

	private WaitResult timeOut() {
		if (this.mode != WaitMode.SCHEMA) {
			throw timedOut();
		}
		if (this.connectionFailure != null) {
			throw new DatabaseUnavailableException(this.connections.toString(), "The schema cannot be looked at",
					this.connectionFailure);
		}
		if (isEnough()) {
			logger.warn("The schema is ready, but a migration at work keeps roles of the application out; this process "
					+ "goes on, and may not get a connection before their login is restored");
			return ready();
		}
		return new WaitResult.TimedOut(this.status, this.deadline.timeout());
	}

	private RuntimeException timedOut() {
		if (!this.seenTaken && this.connectionFailure != null) {
			return new DatabaseUnavailableException(this.connections.toString(),
					"No connection within " + this.deadline, this.connectionFailure);
		}
		LockTimeoutException timeout = new LockTimeoutException(this.table.toString(), this.table.lockKey(),
				this.deadline.timeout(), this.holder, this.status);
		if (this.connectionFailure != null) {
			timeout.addSuppressed(this.connectionFailure);
		}
		return timeout;
	}

	private void report() {
		Duration waited = waited();
		if (waited.compareTo(this.nextReport) < 0) {
			return;
		}
		this.nextReport = waited.plus(REPORT_INTERVAL);
		logger.info("Waiting for {} of {} for {} (at most {}); {}",
				(this.mode == WaitMode.SCHEMA) ? "another process to migrate the schema" : "the migration lock",
				this.table, Stopwatch.seconds(waited), this.deadline, explanation());
	}

	private String explanation() {
		if (this.connectionFailure != null) {
			return "the database does not answer: " + PrintableText.line(this.connectionFailure.getMessage());
		}
		String why = (this.mode == WaitMode.SCHEMA) ? watched()
				: (this.holder != null) ? "it is held by " + this.holder : "its last holder has just ended";
		return this.seenBlocked ? why + "; roles of the application are blocked meanwhile" : why;
	}

	private String watched() {
		String schema = "it is " + this.status.state() + ": " + this.status.reason();
		return (this.holder != null) ? schema + "; the migration lock was last held by " + this.holder : schema;
	}

	/**
	 * Where a try gets its connection.
	 */
	private interface ConnectionSource {

		Connection open() throws SQLException;

	}

}
