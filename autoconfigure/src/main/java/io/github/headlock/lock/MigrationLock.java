package io.github.headlock.lock;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ApplicationName;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.jspecify.annotations.Nullable;

/**
 * Takes an advisory lock of a history table: Flyway's own, so that Headlock and a plain
 * Flyway exclude each other, or the one for tasks beside it.
 * <p>
 * The lock belongs to a transaction: it ends with it, and so with the connection, and a
 * pooler in transaction mode keeps one server connection for as long. Nobody blocks in
 * the queue for it, because a blocked waiter holds a snapshot, for which
 * {@code CREATE INDEX CONCURRENTLY} waits.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS">Advisory
 * locks</a>
 */
public final class MigrationLock {

	/**
	 * What would end the idle transaction of a holder, and how the server finds out that
	 * the holder's host has vanished; without keepalives that takes about two hours.
	 * {@code transaction_timeout} exists from PostgreSQL 17. A read that takes too long
	 * is given up by the server, before the client gives up the connection.
	 */
	private static final String SETTINGS = """
			SELECT pg_catalog.set_config(wanted.name, wanted.value, true) FROM (VALUES \
			('transaction_timeout', '0'), ('lock_timeout', '0'), ('statement_timeout', '5s'), \
			('tcp_keepalives_idle', '15'), ('tcp_keepalives_interval', '5'), \
			('tcp_keepalives_count', '4'), ('application_name', ?::pg_catalog.text)) AS wanted (name, value) \
			JOIN pg_catalog.pg_settings s ON s.name OPERATOR(pg_catalog.=) wanted.name""";

	private static final String TRY = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.pg_try_advisory_xact_lock(%d::bigint), pg_catalog.pg_backend_pid()""";

	private final HistoryTable table;

	private final AdvisoryKey key;

	/** What else keeps others out, {@code null} if nothing does. */
	private final @Nullable LockHolderQuery fence;

	/** Whoever has the lock, or else the fence. */
	private final LockHolderQuery holder;

	private final String name;

	/**
	 * Creates the migration lock of a history table.
	 * @param table the history table
	 */
	public MigrationLock(HistoryTable table) {
		this(table, new AdvisoryKey(table.lockKey()), new AdvisoryKey(table.fenceKey()), "migration lock of " + table);
	}

	private MigrationLock(HistoryTable table, AdvisoryKey key, @Nullable AdvisoryKey fence, String name) {
		this.table = table;
		this.key = key;
		this.fence = (fence != null) ? new LockHolderQuery(fence) : null;
		this.holder = (fence != null) ? new LockHolderQuery(key, fence) : new LockHolderQuery(key);
		this.name = name;
	}

	/**
	 * Creates the lock for tasks that one process runs at a time.
	 * @param table the history table
	 * @return the lock, which migrations do not wait for
	 */
	public static MigrationLock ofTasks(HistoryTable table) {
		return new MigrationLock(table, new AdvisoryKey(table.taskLockKey()), null, "lock for tasks of " + table);
	}

	/**
	 * Tries once, without waiting, in a transaction of its own. While a migration of an
	 * earlier holder is still running, which lost the lock under it, the lock counts as
	 * taken.
	 * @param connection a connection in autocommit mode; it stays open and belongs to the
	 * lock if that was taken, else it is in autocommit mode again
	 * @return the lock, empty if somebody else has it
	 * @throws SQLException if the connection is lost or the database refuses; the lock is
	 * then not held once the connection is closed
	 */
	public Optional<HeldLock> tryTake(Connection connection) throws SQLException {
		// Before the transaction, which would keep the catalogs locked that this reads.
		if (this.fence != null && this.fence.read(connection).isPresent()) {
			return Optional.empty();
		}
		connection.setAutoCommit(false);
		HeldLock held;
		try (Statement statement = connection.createStatement()) {
			// First of all: under a default of repeatable read the transaction would keep
			// its first snapshot, and CREATE INDEX CONCURRENTLY waits for those.
			statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
			try (ResultSet row = statement.executeQuery(trySql(this.key))) {
				row.next();
				if (!row.getBoolean(1)) {
					connection.rollback();
					connection.setAutoCommit(true);
					return Optional.empty();
				}
				held = new HeldLock(this, this.table, this.key, connection, row.getInt(2));
			}
		}
		applySettings(connection);
		held.dropSnapshot();
		return Optional.of(held);
	}

	static String trySql(AdvisoryKey key) {
		return String.format(Locale.ROOT, TRY, key.key());
	}

	private static void applySettings(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(SETTINGS)) {
			statement.setString(1, ApplicationName.ofThisProcess());
			statement.executeQuery().close();
		}
	}

	/**
	 * Returns an SQL expression that tells whether somebody holds the migration lock of a
	 * history table, or is in a migration.
	 * @param table the history table
	 * @return the expression, of type {@code boolean}
	 */
	public static String isHeldSql(HistoryTable table) {
		return String.format(Locale.ROOT, "EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE %s AND (%s OR %s))",
				AdvisoryKey.HELD, new AdvisoryKey(table.lockKey()).matches(),
				new AdvisoryKey(table.fenceKey()).matches());
	}

	/**
	 * Looks who holds the lock, or is still in a migration that it began when it had the
	 * lock.
	 * @param connection a connection in autocommit mode
	 * @return the holder, empty if nobody does
	 * @throws SQLException if the connection is lost or the database refuses
	 */
	public Optional<LockHolder> holder(Connection connection) throws SQLException {
		return this.holder.read(connection);
	}

	/**
	 * Adds the question who holds the lock to a message.
	 * @param message the message
	 * @param connection the connection that the message is sent over
	 * @return the holder as of {@link #holder}, once the message has run; to get it may
	 * send another statement over the connection
	 */
	public Result<Optional<LockHolder>> addHolderTo(MultiStatement message, Connection connection) {
		return this.holder.addTo(message, connection);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
