package io.github.headlock.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.DatabaseSession;

/**
 * Reads sessions from {@code pg_stat_activity}, and of each only what may be told.
 */
public final class SessionRow {

	/** Columns of {@code pg_stat_activity a}, in the order of {@link #read}. */
	public static final String COLUMNS = """
			a.pid, coalesce(regexp_replace(a.usename::text, '[[:cntrl:]]', '?', 'g'), a.backend_type, 'unknown'), nullif(a.application_name, ''), \
			host(a.client_addr), a.state, extract(epoch FROM clock_timestamp() - a.backend_start)""";

	private static final String BLOCKING = """
			/*NO LOAD BALANCE*/ SELECT %s FROM pg_catalog.pg_stat_activity a \
			WHERE a.pid = ANY (pg_catalog.pg_blocking_pids(?)) ORDER BY a.backend_start""".formatted(COLUMNS);

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
				row.getString(5), Duration.ofMillis(Math.max(0, (long) (row.getDouble(6) * 1000))));
	}

	/**
	 * Lists the sessions that another one waits for.
	 * @param connection the connection to look through
	 * @param pid process id of the server process that waits
	 * @return the sessions, the oldest first; empty if it does not wait
	 * @throws SQLException if the connection is lost
	 */
	public static List<DatabaseSession> blocking(Connection connection, int pid) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(BLOCKING)) {
			statement.setInt(1, pid);
			List<DatabaseSession> sessions = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					sessions.add(read(row));
				}
			}
			return sessions;
		}
	}

}
