package io.github.headlock.lock;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Finds an advisory lock of this database in {@code pg_locks}, where a bigint key is
 * shown as its two halves.
 *
 * @param key the key, as {@code pg_advisory_lock(bigint)} takes it
 * @see <a href= "https://www.postgresql.org/docs/current/view-pg-locks.html">pg_locks</a>
 */
record AdvisoryKey(long key) {

	/**
	 * A prepared transaction has no process. Its locks have the same virtual id, and one
	 * of them is on its own id.
	 */
	private static final String PREPARED = """
			/*NO LOAD BALANCE*/ SELECT x.owner::pg_catalog.text, x.prepared, x.gid FROM pg_catalog.pg_locks l \
			JOIN pg_catalog.pg_locks own ON own.virtualtransaction OPERATOR(pg_catalog.=) l.virtualtransaction \
			JOIN pg_catalog.pg_prepared_xacts x ON x.transaction OPERATOR(pg_catalog.=) own.transactionid \
			WHERE l.pid IS NULL AND own.pid IS NULL AND %s""";

	/** Condition on {@code pg_locks l}. */
	String isHeld() {
		return String.format(Locale.ROOT,
				"""
						l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted \
						AND l.objsubid OPERATOR(pg_catalog.=) 1::smallint AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid \
						FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) \
						AND l.classid OPERATOR(pg_catalog.=) %d::pg_catalog.oid AND l.objid OPERATOR(pg_catalog.=) %d::pg_catalog.oid""",
				this.key >>> 32, this.key & 0xFFFFFFFFL);
	}

	/**
	 * Looks who holds the lock.
	 * @return the holder, empty if nobody does
	 */
	Optional<LockHolder> holder(Connection connection) throws SQLException {
		String sql = String.format(Locale.ROOT,
				"""
						/*NO LOAD BALANCE*/ SELECT l.pid, \
						a.usename::pg_catalog.text, CASE WHEN a.application_name OPERATOR(pg_catalog.<>) '' \
						THEN a.application_name END, pg_catalog.host(a.client_addr), a.xact_start \
						FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) l.pid \
						WHERE %s""",
				isHeld());
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			if (!row.next()) {
				return Optional.empty();
			}
			LockHolder session = new LockHolder(row.getInt(1), row.getString(2), row.getString(3), row.getString(4),
					instant(row.getTimestamp(5)), null);
			return Optional.of((session.pid() != 0) ? session : prepared(connection).orElse(session));
		}
	}

	/** The prepared transaction that holds the lock, empty if it has just ended. */
	private Optional<LockHolder> prepared(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(String.format(Locale.ROOT, PREPARED, isHeld()))) {
			return row.next() ? Optional
				.of(new LockHolder(0, row.getString(1), null, null, instant(row.getTimestamp(2)), row.getString(3)))
					: Optional.empty();
		}
	}

	private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
		return (timestamp != null) ? timestamp.toInstant() : null;
	}

}
