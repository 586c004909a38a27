package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.SessionRow;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.waiting.PeriodicTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks over the connection of the migration lock what a transaction that alters roles
 * queues behind, and ends those sessions that it may: whoever has altered a role and does
 * not end the transaction keeps everybody else from altering it.
 */
final class RoleBlockers {

	private static final Logger logger = LoggerFactory.getLogger(RoleBlockers.class);

	/** Several looks within the lock timeout of the transaction. */
	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final HeldLock lock;

	/** Whose sessions are ended, {@code null} if none are. */
	private final @Nullable RoleSessions ended;

	private final Set<String> terminated = new HashSet<>();

	private volatile List<DatabaseSession> seen = List.of();

	private RoleBlockers(HeldLock lock, @Nullable RoleSessions ended) {
		this.lock = lock;
		this.ended = ended;
	}

	/** Only looks. */
	static RoleBlockers looking(HeldLock lock) {
		return new RoleBlockers(lock, null);
	}

	/** Ends those that are sessions of these roles in this database. */
	static RoleBlockers ending(HeldLock lock, RoleSessions sessions) {
		return new RoleBlockers(lock, sessions);
	}

	/**
	 * Looks from time to time until that is closed.
	 * @param pid process id of the server process that may queue
	 * @return what ends it
	 */
	PeriodicTask watch(int pid) {
		this.seen = List.of();
		return new PeriodicTask("headlock-role-blockers", INTERVAL, () -> look(pid));
	}

	private synchronized void look(int pid) {
		try {
			List<DatabaseSession> blocking = this.lock.read((connection) -> SessionRow.blocking(connection, pid));
			if (blocking.isEmpty()) {
				return;
			}
			this.seen = blocking;
			if (this.ended != null && this.lock.read((connection) -> terminate(connection, pid))) {
				logger.warn("Sessions of the application kept its roles from being altered, and were terminated, "
						+ "among {}", blocking);
			}
		}
		catch (SQLException ex) {
			logger.debug("Cannot read which sessions keep roles from being altered", ex);
		}
	}

	/** Reads over the connection of the migration lock. */
	<T> T read(HeldLock.Query<T> query) throws SQLException {
		return this.lock.read(query);
	}

	private boolean terminate(Connection connection, int pid) throws SQLException {
		return this.ended != null && this.terminated.addAll(this.ended.terminateBlocking(connection, pid));
	}

	/** What was last seen blocking it, the oldest first; empty if nothing was. */
	List<DatabaseSession> seen() {
		return this.seen;
	}

	/**
	 * What identifies each session that was told to end; waits for a look that has begun.
	 */
	synchronized Set<String> terminated() {
		return Set.copyOf(this.terminated);
	}

}
