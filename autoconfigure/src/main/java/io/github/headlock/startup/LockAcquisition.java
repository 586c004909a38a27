package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.StandbyReachedException;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.roles.RoleLockouts;
import io.github.headlock.schema.SchemaHead;
import io.github.headlock.waiting.Deadline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until the schema is ready or this process has the migration lock.
 */
final class LockAcquisition {

	private static final Logger logger = LoggerFactory.getLogger(LockAcquisition.class);

	private static final String BLOCKED_BY_A_MIGRATION = """
			The schema is ready, but a migration that is running blocks roles of the application; this process \
			starts, and may not get a connection before their login is restored""";

	private static final String BLOCKED_AS_SEEN_BY_STANDBY = """
			The schema is ready, but roles of the application are blocked; a standby does not show whether a migration \
			is running. This process starts, and may not get a connection before their login is restored""";

	private final MigrationConnections connections;

	private final HistoryTable table;

	private final SchemaHead head;

	private final RoleLockouts blocks;

	private final WaitingLookReader reader;

	private final WaitMode mode;

	private final Deadline deadline;

	private final LockPolling polling;

	private SchemaStatus status = SchemaStatus.unknown("Not checked yet");

	private boolean seenNotReady;

	/** Whether the application's roles were blocked at the last look. */
	private boolean seenBlocked;

	/** Whether the last look was at a standby. */
	private boolean seenStandby;

	/** Whether a look was at a primary. */
	private boolean seenPrimary;

	/** Whether a primary was looked for after a standby was reached. */
	private boolean soughtPrimary;

	/**
	 * Prepares to wait.
	 * @param connections where each try gets its connection
	 * @param table the history table
	 * @param head what to look with
	 * @param blocks blocks of the application's roles; while one stands, the schema is
	 * not ready for the application
	 * @param mode what ends the wait
	 * @param pollInterval mean pause between two tries
	 * @param deadline bound of the wait
	 */
	LockAcquisition(MigrationConnections connections, HistoryTable table, SchemaHead head, RoleLockouts blocks,
			WaitMode mode, Duration pollInterval, Deadline deadline) {
		this.connections = connections;
		this.table = table;
		this.head = head;
		this.blocks = blocks;
		this.mode = mode;
		this.deadline = deadline;
		MigrationLock lock = new MigrationLock(table);
		this.reader = new WaitingLookReader(head, blocks, lock);
		this.polling = new LockPolling(connections, lock, mode.purpose() + " of " + table, pollInterval, deadline);
	}

	/**
	 * Waits for the lock or the schema, as the mode says.
	 * @param contact what was read first, and the connection for the first try, which is
	 * closed here, or belongs to the lock if that was taken
	 * @return what the wait ended with
	 * @throws LockTimeoutException if neither came about in time
	 * @throws StandbyReachedException if this process is to migrate and reaches a standby
	 * @throws DatabaseUnavailableException if the database was gone for the rest of the
	 * time
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	WaitResult await(FirstContact contact) {
		FirstLook look = contact.look();
		if (look != null && isReady(this.head.judge(look.history()), look.rolesRecorded())) {
			contact.endConnection();
			return ready();
		}
		return this.polling.await(contact.openConnection().orElse(null), this::tryOnce, this::explanation)
			.orElseGet(this::timeOut);
	}

	private Optional<WaitResult> tryOnce(Connection connection) throws SQLException {
		WaitingLook look = this.reader.read(connection);
		this.seenStandby = look.standby();
		this.seenPrimary |= !look.standby();
		boolean ready = isReady(look.status(), look.rolesRecorded() && this.blocks.exist(connection));
		if (ready && (!look.rolesRecorded() || this.mode == WaitMode.SCHEMA || this.seenStandby)) {
			return Optional.of(ready());
		}
		if (this.seenStandby) {
			return onStandby(connection, look);
		}
		return ready ? dropEmptyRecord(connection, look) : onPrimary(connection, look);
	}

	/** It blocks nobody, and is dropped if nobody is at work. */
	private Optional<WaitResult> dropEmptyRecord(Connection connection, WaitingLook look) throws SQLException {
		Optional<HeldLock> held = this.polling.see(look.holder().get()) ? Optional.empty()
				: this.polling.tryTake(connection);
		return held.isPresent() ? underLock(held.get()) : Optional.of(ready());
	}

	private Optional<WaitResult> onPrimary(Connection connection, WaitingLook look) throws SQLException {
		boolean taken = this.polling.see(look.holder().get());
		// a process that only watches takes the lock for nothing but roles that were left
		// blocked, and whose login it may restore
		if (this.mode == WaitMode.SCHEMA && (!this.seenBlocked || this.blocks.isLeftOverDenied(connection))) {
			// where nobody migrates, nobody would restore the roles
			return (isEnough() && !taken) ? Optional.of(ready()) : Optional.empty();
		}
		if (taken) {
			return Optional.empty();
		}
		// those of Flyway, too, which the driver may otherwise take to another host
		this.connections.requirePrimary();
		return tryLock(connection);
	}

	/** There, a lock excludes nobody, and a lock that is free tells nothing. */
	private Optional<WaitResult> onStandby(Connection connection, WaitingLook look) throws SQLException {
		if (this.mode == WaitMode.SCHEMA) {
			return Optional.empty();
		}
		if (isEnough()) {
			logger.warn(BLOCKED_AS_SEEN_BY_STANDBY);
			return Optional.of(ready());
		}
		boolean worthATry = needsPrimary() || !(this.soughtPrimary || this.deadline.isOver());
		if (worthATry && this.connections.preferPrimary()) {
			seekPrimary();
			return Optional.empty();
		}
		if (needsPrimary()) {
			if (this.seenPrimary) {
				// the name of the primary leads to a standby until that is promoted
				return Optional.empty();
			}
			throw standbyReached();
		}
		if (this.status.state() == SchemaState.AHEAD) {
			logger.warn("On a standby nothing is applied; number of repeatable migrations that were never applied: {}",
					this.status.pending());
			return Optional.of(ready());
		}
		// only Flyway can tell, or run its callbacks, and it may find nothing to change
		return this.polling.see(look.holder().get()) ? Optional.empty() : tryLock(connection);
	}

	/** Whether there is something to change for certain. */
	private boolean needsPrimary() {
		return this.status.state() == SchemaState.BEHIND || this.status.state() == SchemaState.FAILED;
	}

	private void seekPrimary() {
		if (!this.soughtPrimary) {
			this.soughtPrimary = true;
			logger.warn(
					"The host of {} that was reached is a standby, where nothing can be migrated; looking for a "
							+ "primary among the hosts. Add targetServerType=primary to the parameters of the URL",
					this.connections);
		}
	}

	private StandbyReachedException standbyReached() {
		return new StandbyReachedException(this.connections.toString(),
				"the schema is not at head there: " + this.status.reason(), null);
	}

	private Optional<WaitResult> tryLock(Connection connection) throws SQLException {
		Optional<HeldLock> held = this.polling.tryTake(connection);
		return held.isPresent() ? underLock(held.get()) : Optional.empty();
	}

	private boolean isReady(SchemaStatus seen, boolean blocked) {
		see(seen);
		this.seenBlocked = blocked;
		this.seenNotReady |= !isEnough();
		return isEnough() && !blocked;
	}

	private Optional<WaitResult> underLock(HeldLock held) throws SQLException {
		if (!this.seenStandby && held.read(this.blocks::areRecorded) && !this.blocks.restoreOrphaned(held)) {
			held.close();
			return Optional.empty();
		}
		// Whoever had the lock until now may have done the work.
		see(held.read(this.head::look));
		if (!isEnough() && this.mode != WaitMode.SCHEMA) {
			return Optional.of(new WaitResult.LockAcquired(held, this.status, this.polling.waited()));
		}
		held.close();
		return isEnough() ? Optional.of(ready()) : Optional.empty();
	}

	private WaitResult ready() {
		return new WaitResult.SchemaReady(this.status, this.polling.waited(),
				!this.seenNotReady && !this.polling.hasWaited());
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
			boolean standby = this.seenStandby && needsPrimary() && this.polling.unavailable().isEmpty();
			throw standby ? standbyReached() : timedOut();
		}
		this.polling.unavailable().ifPresent((unavailable) -> {
			throw unavailable;
		});
		if (isEnough()) {
			logger.warn(this.seenStandby ? BLOCKED_AS_SEEN_BY_STANDBY : BLOCKED_BY_A_MIGRATION);
			return ready();
		}
		return new WaitResult.TimedOut(this.status, this.deadline.timeout());
	}

	private RuntimeException timedOut() {
		return this.polling.timedOut((timeout, holder) -> new LockTimeoutException(this.table.toString(),
				this.table.lockKey(), timeout, holder, this.status));
	}

	private String explanation() {
		if (this.seenStandby && this.mode != WaitMode.SCHEMA && (needsPrimary() || this.polling.holder() == null)) {
			return "the host that was reached is a standby";
		}
		String why = (this.mode == WaitMode.SCHEMA) ? describeSchema() : this.polling.describeHolder();
		return this.seenBlocked ? why + "; roles of the application are blocked meanwhile" : why;
	}

	private String describeSchema() {
		String schema = "it is " + this.status.state() + ": " + this.status.reason();
		LockHolder holder = this.polling.holder();
		return (holder != null) ? schema + "; the migration lock was last held by " + holder : schema;
	}

}
