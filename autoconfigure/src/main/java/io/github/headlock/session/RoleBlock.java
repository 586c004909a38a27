package io.github.headlock.session;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.github.headlock.RolesNotBlockableException;
import io.github.headlock.RolesNotBlockableException.Obstacle;
import io.github.headlock.RolesStillBlockedException;
import io.github.headlock.database.ConnectionFailure;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.waiting.Stopwatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the application's roles out from when it begins until it is closed. To be used by
 * one thread.
 */
public final class RoleBlock implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RoleBlock.class);

	private static final Duration BLOCK_TIMEOUT = Duration.ofSeconds(10);

	/** Longer, because whoever stays blocked needs another start. */
	private static final Duration UNBLOCK_TIMEOUT = Duration.ofMinutes(1);

	private final UUID run = UUID.randomUUID();

	private final MigrationConnections connections;

	private final RoleJournal journal;

	private final HeldLock lock;

	private final List<RoleFacts> roles;

	private final SessionSettings settings;

	private boolean begun;

	private int terminated;

	RoleBlock(MigrationConnections connections, RoleJournal journal, HeldLock lock, List<RoleFacts> roles,
			SessionSettings settings) {
		this.connections = connections;
		this.journal = journal;
		this.lock = lock;
		this.roles = roles;
		this.settings = settings;
	}

	/**
	 * Blocks the roles and waits until their sessions are gone. Whatever happens here,
	 * closing undoes it.
	 * @throws io.github.headlock.SessionsNotDrainedException if sessions are left in the
	 * end
	 * @throws RolesNotBlockableException if the database refuses
	 * @throws io.github.headlock.LockLostException if the migration lock was lost
	 * @throws io.github.headlock.StartInterruptedException if this thread was interrupted
	 * @throws SQLException if the connection is lost
	 */
	public void begin() throws SQLException {
		logger.info("Blocking the roles {} for the migration", names());
		Stopwatch stopwatch = new Stopwatch();
		block();
		try (Connection connection = this.connections.open()) {
			this.terminated = new Drain(new RoleSessions(oids()), this.settings.terminate(),
					this.settings.drainTimeout())
				.await(connection, this.lock);
		}
		logger.info("No session of these roles is left after {}; terminated: {}",
				Stopwatch.seconds(stopwatch.elapsed()), this.terminated);
	}

	private void block() throws SQLException {
		this.begun = true;
		try {
			new RoleTransaction(this.connections).run(BLOCK_TIMEOUT, (connection) -> {
				this.lock.ensureHeldAsSeenBy(connection);
				this.journal.block(connection, this.run, this.settings.blockWith(), oids());
				ensureBlocked(connection);
				return true;
			});
		}
		catch (SQLException ex) {
			if (ConnectionFailure.is(ex)) {
				throw ex;
			}
			throw new RolesNotBlockableException(
					List.of(new Obstacle(String.valueOf(ex.getMessage()), "remove what the database objects to")), ex);
		}
	}

	/** What gives CONNECT may have changed since the facts were read. */
	private void ensureBlocked(Connection connection) throws SQLException {
		if (this.settings.blockWith() != BlockWith.REVOKE_CONNECT) {
			return;
		}
		List<String> open = this.journal.rolesThatMayConnect(connection, oids());
		if (!open.isEmpty()) {
			throw new RolesNotBlockableException(
					List.of(new Obstacle("revoking CONNECT does not keep these roles out: " + open,
							"find out what else gives them CONNECT, or set headlock.sessions.block-with=nologin")),
					null);
		}
	}

	private List<Long> oids() {
		return this.roles.stream().map(RoleFacts::oid).toList();
	}

	private List<String> names() {
		return this.roles.stream().map(RoleFacts::name).toList();
	}

	/**
	 * Returns how many sessions were terminated.
	 * @return the number
	 */
	public int terminatedSessions() {
		return this.terminated;
	}

	/**
	 * Lets the roles in again, unless another process that has the lock by now has done
	 * so.
	 * @throws RolesStillBlockedException if the database does not allow it; the next
	 * start will do it
	 */
	@Override
	public void close() {
		if (!this.begun) {
			return;
		}
		try {
			List<String> unblocked = new RoleTransaction(this.connections).run(UNBLOCK_TIMEOUT,
					(connection) -> this.journal.unblock(connection, this.run));
			if (!unblocked.isEmpty()) {
				logger.info("The roles {} are let in again", unblocked);
			}
		}
		catch (SQLException ex) {
			throw new RolesStillBlockedException(names(), this.journal.name(), ex);
		}
	}

}
