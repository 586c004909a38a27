package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Reads sessions from {@code pg_stat_activity}, and of each only what may be told.
 */
public final class SessionRow {

	/**
	 * Columns of {@code pg_stat_activity a}, in the order of {@link #read}. The server's
	 * own processes have no role, and what they are only some roles are told; that one
	 * vacuums, everybody.
	 */
	public static final String COLUMNS = """
			a.pid, CASE WHEN a.usesysid IS NULL THEN '' ELSE coalesce(a.usename::pg_catalog.text, 'unknown') END, \
			CASE WHEN a.application_name OPERATOR(pg_catalog.<>) '' THEN a.application_name END, \
			pg_catalog.host(a.client_addr), CASE WHEN a.usesysid IS NOT NULL THEN a.state \
			WHEN EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum v WHERE v.pid OPERATOR(pg_catalog.=) a.pid) \
			THEN 'autovacuum worker' ELSE coalesce(a.backend_type, 'server process') END, \
			extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.backend_start)""";

	private static final String BLOCKING = String.format(Locale.ROOT,
			"""
					/*NO LOAD BALANCE*/ SELECT %s FROM pg_catalog.pg_stat_activity a \
					WHERE a.pid OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids(?::int)) ORDER BY a.backend_start, a.pid""",
			COLUMNS);

	/**
	 * A prepared transaction has no process, and stands among the blocking ones as 0.
	 * Which one it is shows in the locks on what is waited for: those of one transaction
	 * have the same virtual id, and one of them is on its own id.
	 */
	private static final String BLOCKING_PREPARED = """
			/*NO LOAD BALANCE*/ WITH me AS (SELECT ?::int AS pid), \
			l AS MATERIALIZED (SELECT * FROM pg_catalog.pg_locks) \
			SELECT 0, x.owner::pg_catalog.text, NULL, NULL, \
			pg_catalog.concat('prepared transaction "', x.gid, '"'), \
			extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) x.prepared) \
			FROM pg_catalog.pg_prepared_xacts x \
			WHERE (SELECT 0 OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids(pid)) FROM me) \
			AND EXISTS (SELECT FROM l waiting, l held, l own \
			WHERE waiting.pid OPERATOR(pg_catalog.=) (SELECT pid FROM me) AND NOT waiting.granted AND held.pid IS NULL AND own.pid IS NULL \
			AND ROW(held.locktype, held.database, held.relation, held.page, held.tuple, held.transactionid, held.classid, \
			held.objid, held.objsubid)::pg_catalog.text OPERATOR(pg_catalog.=) ROW(waiting.locktype, waiting.database, \
			waiting.relation, waiting.page, waiting.tuple, waiting.transactionid, waiting.classid, waiting.objid, \
			waiting.objsubid)::pg_catalog.text \
			AND own.virtualtransaction OPERATOR(pg_catalog.=) held.virtualtransaction \
			AND own.transactionid OPERATOR(pg_catalog.=) x.transaction) \
			ORDER BY x.prepared, x.gid""";

	private static final String WAITS = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.cardinality(pg_catalog.pg_blocking_pids(?::int)) OPERATOR(pg_catalog.>) 0""";

	private SessionRow() {
	}

	/**
	 * Reads the session of the current row.
	 * @param row a result with the {@link #COLUMNS}
	 * @return the session
	 * @throws SQLException if the connection is lost
	 */
	public static DatabaseSession read(ResultSet row) throws SQLException {
		return new DatabaseSession(row.getInt(1), row.getString(2), row.getString(3), row.getString(4),
				row.getString(5), age(row));
	}

	private static @Nullable Duration age(ResultSet row) throws SQLException {
		double seconds = row.getDouble(6);
		return row.wasNull() ? null : Duration.ofMillis(Math.max(0, (long) (seconds * 1000)));
	}

	/**
	 * Lists the sessions and prepared transactions that a session waits for.
	 * @param connection the connection to look through
	 * @param pid process id of the server process that waits
	 * @return the oldest first, prepared transactions last; empty if it does not wait, or
	 * not until all of them have been read
	 * @throws SQLException if the connection is lost
	 */
	public static List<DatabaseSession> blocking(Connection connection, int pid) throws SQLException {
		List<DatabaseSession> sessions = new ArrayList<>();
		for (String sql : List.of(BLOCKING, BLOCKING_PREPARED)) {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				statement.setInt(1, pid);
				try (ResultSet row = statement.executeQuery()) {
					while (row.next()) {
						sessions.add(read(row));
					}
				}
			}
		}
		return sessions.isEmpty() || !waits(connection, pid) ? List.of() : sessions;
	}

	private static boolean waits(Connection connection, int pid) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(WAITS)) {
			statement.setInt(1, pid);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

}
