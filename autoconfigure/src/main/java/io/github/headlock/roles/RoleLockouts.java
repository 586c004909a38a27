package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import io.github.headlock.lock.HeldLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the blocks that migrations of one history table put on the application's roles:
 * whether there are any, how to undo those of a process that died, and how to prepare a
 * new one.
 */
public final class RoleLockouts {

	private static final Logger logger = LoggerFactory.getLogger(RoleLockouts.class);

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	/**
	 * For a connection on a server that is crowded with the very sessions that block it.
	 */
	private static final Duration CROWDED_TIMEOUT = Duration.ofMinutes(1);

	private static final PreflightFailure TERMINATING_THROUGH_PGPOOL = new PreflightFailure(
			"migrations go through pgpool-II, which may take a terminated session for a server that shuts down, and "
					+ "detach the server",
			"set spring.flyway.url to the server itself, or headlock.terminate-db-sessions=false; if the application's "
					+ "sessions go through pgpool-II, also set failover_on_backend_shutdown=off and "
					+ "failover_on_backend_error=off in pgpool.conf");

	private final MigrationConnections connections;

	private final HistoryTable history;

	private final RoleJournal journal;

	/**
	 * What the database does not let this role restore, {@code null} if nothing is known.
	 */
	private @Nullable LeftOver deniedLeftOver;

	/**
	 * Creates the blocks of a history table.
	 * @param connections connections of the role that migrates
	 * @param history the history table
	 */
	public RoleLockouts(MigrationConnections connections, HistoryTable history) {
		this.connections = connections;
		this.history = history;
		this.journal = new RoleJournal(history);
	}

	/**
	 * Looks whether roles are blocked now, by a process at work or by one that died.
	 * @param connection the connection to look through, in autocommit mode
	 * @return whether any role is, or may be because this role may not read the record
	 * @throws SQLException if the connection is lost
	 */
	public boolean exist(Connection connection) throws SQLException {
		return this.journal.table().exists(connection) && !this.journal.table().isKnownToBeEmpty(connection);
	}

	/**
	 * Looks whether there is a record of blocked roles, which may be empty. Needs no
	 * privilege; may be called in a transaction, which stays usable.
	 * @param connection the connection to look through
	 * @return {@code false} if no role is blocked
	 * @throws SQLException if the connection is lost
	 */
	public boolean areRecorded(Connection connection) throws SQLException {
		return this.journal.table().exists(connection);
	}

	/**
	 * Adds the question whether there is a record of blocked roles to a message.
	 * @param message the message
	 * @return the answer, once the message has run; {@code false} if no role is blocked
	 */
	public Result<Boolean> addRecordedTo(MultiStatement message) {
		return this.journal.table().addExistsTo(message);
	}

	/**
	 * Adds the question whether there is a record of roles that migrations of a history
	 * table in the current schema block to a message.
	 * @param message the message
	 * @param historyTable name of the history table, not quoted
	 * @return the answer, once the message has run; empty if it cannot be asked before
	 * the schema is known
	 */
	public static Optional<Result<Boolean>> recordedInCurrentSchema(MultiStatement message, String historyTable) {
		return RoleJournalTable.existsInCurrentSchema(message, historyTable);
	}

	/**
	 * Looks whether what is blocked now is exactly what this object has failed to
	 * restore, because this role lacks a privilege or the database refuses, so that
	 * another try would fail as well.
	 * @param connection the connection to look through, in autocommit mode
	 * @return {@code false} if a try may succeed
	 * @throws SQLException if the connection is lost
	 */
	public boolean isLeftOverDenied(Connection connection) throws SQLException {
		return this.deniedLeftOver != null && this.deniedLeftOver.equals(this.journal.leftOver(connection));
	}

	/**
	 * Lists the roles that are blocked now, with one message to the server, where there
	 * is a record of them.
	 * @param connection the connection to look through, in autocommit mode
	 * @return their names, when they were blocked; none if the record is dropped
	 * meanwhile
	 * @throws SQLException if this role may not read the record, or the connection is
	 * lost
	 */
	public List<String> list(Connection connection) throws SQLException {
		return this.journal.table().roles(connection);
	}

	/**
	 * Lets in again whom a process that died had blocked. If this role may not, the log
	 * says what to do by hand.
	 * @param lock the migration lock, under which nobody begins another migration
	 * @return {@code false} if nothing was done, because who held the lock before is
	 * still in a migration, for which the roles may be blocked
	 * @throws SQLException if the connection is lost
	 * @throws io.github.headlock.lock.LockLostException if the lock is not held any more
	 */
	public boolean restoreOrphaned(HeldLock lock) throws SQLException {
		lock.ensureHeld();
		// it may have entered that after this process saw nobody inside, and before this
		// one got the lock
		if (lock.fenceHolder().isPresent()) {
			return false;
		}
		try {
			RoleRestore result = RoleRestore.of(this.connections, this.journal, null, TIMEOUT, lock,
					lock::ensureHeldAsSeenBy);
			if (!result.restored().isEmpty()) {
				logger.warn("A process that ended in the middle of a migration of {} had left these roles blocked; "
						+ "their login is restored: {}", this.history, result.restored());
			}
			if (result.failure() != null) {
				throw result.failure();
			}
		}
		catch (SQLException ex) {
			if (ConnectionFailure.mayPass(ex)) {
				throw ex;
			}
			logger.warn("A process that ended in the middle of a migration left roles blocked, and their login cannot "
					+ "be restored ({}). SELECT * FROM {} lists them; ALTER ROLE ... LOGIN, or GRANT CONNECT ON DATABASE, "
					+ "restores it, and then their rows are to be deleted", PrintableText.line(ex.getMessage()),
					this.journal.table().shown());
			if (!RoleTransaction.isConflict(ex)) {
				this.deniedLeftOver = lock.read(this.journal::leftOver);
			}
		}
		return true;
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
	public RoleLockout prepare(SessionSettings settings, HeldLock lock) throws SQLException {
		List<String> names = settings.roles().isEmpty() ? List.of(ApplicationRole.of(settings.application().get()))
				: settings.roles();
		return RoleTransaction.opening(this.connections, CROWDED_TIMEOUT, RoleBlockers.looking(lock))
			.run((connection) -> settings.terminate() && PgpoolCheck.isBetween(connection),
					(connection, pgpool) -> prepare(connection, pgpool, names, settings, lock));
	}

	private RoleLockout prepare(Connection connection, boolean pgpool, List<String> names, SessionSettings settings,
			HeldLock lock) throws SQLException {
		MigratorFacts migrator = MigratorFacts.read(connection, this.history.schema());
		List<RoleFacts> roles = RoleFacts.read(connection, names);
		List<PreflightFailure> failures = Preflight.check(migrator, roles, settings.blockWith(), settings.terminate());
		if (pgpool) {
			failures.add(TERMINATING_THROUGH_PGPOOL);
		}
		if (this.journal.table().isNameTaken(connection)) {
			failures.add(new PreflightFailure(
					String.format(Locale.ROOT, "there is a table %s that is not Headlock's",
							this.journal.table().name()),
					String.format(Locale.ROOT, "ALTER TABLE %s RENAME TO another_name;", this.journal.table().name())));
		}
		if (!failures.isEmpty()) {
			throw new RolesNotBlockableException(failures, null);
		}
		roles.forEach((role) -> warn(role, settings.blockWith()));
		return new RoleLockout(this.connections, this.journal, lock, roles,
				RefusedLogin.of(settings.blockWith(), roles, connection), settings);
	}

	private static void warn(RoleFacts role, BlockMode blockWith) {
		if (blockWith == BlockMode.REVOKE_CONNECT) {
			return;
		}
		if (!role.canLogIn()) {
			logger.warn(
					"Role \"{}\" cannot log in as it is, so it is not blocked, and its login is not restored afterwards. If it is a "
							+ "group, its members are not blocked with it; if another migration blocks it now, that one "
							+ "restores its login when it is done",
					role.shown());
		}
		else if (role.sessionsElsewhere() > 0) {
			logger.warn("Role \"{}\" has sessions in other databases or for replication: {}. They live on, but new "
					+ "ones fail during the migration; headlock.sessions.block-with=revoke-connect blocks this "
					+ "database only", role.shown(), role.sessionsElsewhere());
		}
	}

}
