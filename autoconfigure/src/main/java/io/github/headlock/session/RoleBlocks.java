package io.github.headlock.session;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.RolesNotBlockableException;
import io.github.headlock.RolesNotBlockableException.Obstacle;
import io.github.headlock.database.ConnectionFailure;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the blocks that migrations of one history table put on the application's roles:
 * whether there are any, how to undo those of a process that died, and how to prepare a
 * new one.
 */
public final class RoleBlocks {

	private static final Logger logger = LoggerFactory.getLogger(RoleBlocks.class);

	private static final Duration UNDO_TIMEOUT = Duration.ofSeconds(10);

	private final MigrationConnections connections;

	private final HistoryTable history;

	private final RoleJournal journal;

	/**
	 * Creates the blocks of a history table.
	 * @param connections connections of the role that migrates
	 * @param history the history table
	 */
	public RoleBlocks(MigrationConnections connections, HistoryTable history) {
		this.connections = connections;
		this.history = history;
		this.journal = new RoleJournal(history);
	}

	/**
	 * Looks whether roles are blocked now, by a process at work or by one that died.
	 * Needs no privilege; may be called in a transaction, which stays usable.
	 * @param connection the connection to look through
	 * @return whether any role is
	 * @throws SQLException if the connection is lost
	 */
	public boolean areStanding(Connection connection) throws SQLException {
		return this.journal.exists(connection);
	}

	/**
	 * Lets in again whom a process that died had blocked. If this role may not, the log
	 * says what to do by hand.
	 * @param lock the migration lock, which shows that nobody is at work
	 * @throws SQLException if the connection is lost
	 * @throws io.github.headlock.LockLostException if the lock is not held any more
	 */
	public void undoLeftOver(HeldLock lock) throws SQLException {
		try {
			List<String> roles = new RoleTransaction(this.connections).run(UNDO_TIMEOUT, (connection) -> {
				lock.ensureHeldAsSeenBy(connection);
				return this.journal.unblock(connection, null);
			});
			logger.warn("A process that ended in the middle of a migration of {} had left these roles blocked; "
					+ "they are let in again: {}", this.history, roles);
		}
		catch (SQLException ex) {
			if (ConnectionFailure.is(ex)) {
				throw ex;
			}
			logger.warn("A process that ended in the middle of a migration left roles blocked, and this role may not "
					+ "let them in again. SELECT * FROM {} lists them; ALTER ROLE ... LOGIN, or GRANT CONNECT ON "
					+ "DATABASE, lets them in, and then drop that table: {}", this.journal.name(), ex.getMessage());
		}
	}

	/**
	 * Prepares to block roles, and makes sure that all of it can be done. Nothing is
	 * changed yet.
	 * @param settings what the team decided
	 * @param lock the migration lock
	 * @return the block, to be begun and closed by the caller
	 * @throws RolesNotBlockableException if it cannot be done
	 * @throws SQLException if the facts cannot be read
	 */
	public RoleBlock prepare(SessionSettings settings, HeldLock lock) throws SQLException {
		List<String> names = settings.roles().isEmpty() ? List.of(ApplicationRole.of(settings.application().get()))
				: settings.roles();
		try (Connection connection = this.connections.open()) {
			MigratorFacts migrator = MigratorFacts.read(connection, this.history.schema());
			List<RoleFacts> roles = RoleFacts.read(connection, names);
			List<Obstacle> obstacles = Preflight.check(migrator, roles, settings.blockWith(), settings.terminate());
			if (!obstacles.isEmpty()) {
				throw new RolesNotBlockableException(obstacles, null);
			}
			roles.forEach((role) -> warn(role, settings.blockWith()));
			return new RoleBlock(this.connections, this.journal, lock, roles, settings);
		}
	}

	private static void warn(RoleFacts role, BlockWith blockWith) {
		if (blockWith == BlockWith.REVOKE_CONNECT) {
			return;
		}
		if (!role.canLogIn()) {
			logger.info("Role \"{}\" cannot log in anyway, and will not be able to afterwards; if it is a group, "
					+ "its members are not blocked with it", role.name());
		}
		else if (role.sessionsElsewhere() > 0) {
			logger.warn("Role \"{}\" has sessions in other databases or for replication: {}. They live on, but new "
					+ "ones fail during the migration; headlock.sessions.block-with=revoke-connect blocks this "
					+ "database only", role.name(), role.sessionsElsewhere());
		}
	}

}
