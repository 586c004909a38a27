package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.history.HistorySnapshot;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ApplicationName;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the advisory lock that is held within a migration, by the migration's own
 * connection: for its transaction, or for its session where it runs without one.
 */
final class FenceLock {

	private static final Logger logger = LoggerFactory.getLogger(FenceLock.class);

	private static final String SESSION = "pg_catalog.pg_backend_pid(), "
			+ "pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) 'read committed'";

	/**
	 * Lets the server find out soon that the client is gone, so that its statement does
	 * not hold the lock for long. Not every operating system can tell.
	 */
	private static final String NOTICE_THE_END = """
			CASE WHEN pg_catalog.version() OPERATOR(pg_catalog.~~) '%-linux-%' AND pg_catalog.current_setting(\
			'client_connection_check_interval', true) OPERATOR(pg_catalog.=) '0' \
			THEN pg_catalog.set_config('client_connection_check_interval', '5s', true) END""";

	/**
	 * Lets the server find out that the client's host has vanished, as on the connection
	 * of the migration lock: it would hold this one for about two hours.
	 */
	private static final String NOTICE_SILENCE = """
			pg_catalog.set_config('tcp_keepalives_idle', '15', %1$b), \
			pg_catalog.set_config('tcp_keepalives_interval', '5', %1$b), \
			pg_catalog.set_config('tcp_keepalives_count', '4', %1$b)""";

	/**
	 * Behind a pooler a session may still have the name that another client gave it, and
	 * whoever waits would be told of the wrong process.
	 */
	private static final String BEAR_THE_NAME = String.format(Locale.ROOT,
			"pg_catalog.set_config('application_name', '%s', true)",
			ApplicationName.ofThisProcess().replaceAll("['\\\\]", "?"));

	private final long key;

	/** Reads the history, and whether the migration lock is held. */
	private final String lookAround;

	private final String inTransaction;

	private final boolean ownSession;

	/** The connection whose session has the lock, {@code null} if none has. */
	private @Nullable Connection holder;

	/**
	 * Prepares the statements that take the lock.
	 * @param table the history table
	 * @param isMigrationLockHeld SQL expression of whether the migration lock is held
	 * @param ownSession whether a session is the migration's own, and ends with it; if
	 * not, a migration without a transaction goes without the lock
	 * @param lockTimeout longest that a statement of a transaction may queue for a lock,
	 * {@code null} to leave that as it is
	 */
	FenceLock(HistoryTable table, String isMigrationLockHeld, boolean ownSession, @Nullable Duration lockTimeout) {
		this.key = table.fenceKey();
		this.lookAround = HistorySnapshot.query(table, isMigrationLockHeld);
		this.ownSession = ownSession;
		String take = String.format(Locale.ROOT, "SELECT pg_catalog.pg_try_advisory_xact_lock(%d), %s, ", this.key,
				SESSION) + String.format(Locale.ROOT, NOTICE_SILENCE, true) + ", " + NOTICE_THE_END;
		String named = ownSession ? take : take + ", " + BEAR_THE_NAME;
		this.inTransaction = (lockTimeout != null) ? named + String.format(Locale.ROOT,
				", pg_catalog.set_config('lock_timeout', '%d', true)", lockTimeout.toMillis()) : named;
	}

	/**
	 * Returns whether a session is the migration's own, and ends with it.
	 * @return {@code false} if it may be a pool's or a pooler's
	 */
	boolean isOwnSession() {
		return this.ownSession;
	}

	/**
	 * Takes the lock, or goes without, or keeps it if it was not left since; then looks
	 * around, with the same message to the server. One statement alone would look with a
	 * snapshot of before it has the lock.
	 * @param connection the migration's connection
	 * @return what was seen within the lock, empty if somebody else has it
	 * @throws SQLException if the connection is lost or the database refuses
	 */
	Optional<FenceEntry> take(Connection connection) throws SQLException {
		boolean forSession = connection.getAutoCommit() && this.ownSession && this.holder == null;
		MultiStatement message = new MultiStatement();
		Result<Taken> taken = message.query(sql(connection.getAutoCommit(), forSession), Taken::read);
		Result<FenceEntry> entry = message.query(this.lookAround, (row) -> {
			row.next();
			return new FenceEntry(taken.get().pid(), taken.get().isReadCommitted(), HistorySnapshot.of(row),
					row.getBoolean(4));
		});
		message.run(connection);
		if (!taken.get().isTaken()) {
			return Optional.empty();
		}
		if (forSession) {
			this.holder = connection;
		}
		return Optional.of(entry.get());
	}

	private String sql(boolean autoCommit, boolean forSession) {
		if (!autoCommit) {
			return this.inTransaction;
		}
		return forSession
				? String.format(Locale.ROOT, "SELECT pg_catalog.pg_try_advisory_lock(%d), %s, ", this.key, SESSION)
						+ String.format(Locale.ROOT, NOTICE_SILENCE, false)
				: "SELECT true, " + SESSION;
	}

	/**
	 * Frees the lock of a session; that of a transaction ends with it. Does not fail: the
	 * lock ends with a broken session as well.
	 */
	void leave() {
		Connection connection = this.holder;
		this.holder = null;
		if (connection == null) {
			return;
		}
		try (Statement statement = connection.createStatement()) {
			statement.execute(String.format(Locale.ROOT, "SELECT pg_catalog.pg_advisory_unlock(%d)", this.key));
		}
		catch (SQLException ex) {
			logger.debug("The session of the migration is broken, and its lock free", ex);
		}
	}

	/** What the statement that takes the lock tells. */
	private record Taken(boolean isTaken, int pid, boolean isReadCommitted) {

		static Taken read(ResultSet row) throws SQLException {
			row.next();
			return new Taken(row.getBoolean(1), row.getInt(2), row.getBoolean(3));
		}

	}

}
