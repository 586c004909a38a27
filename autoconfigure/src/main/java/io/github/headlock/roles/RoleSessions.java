package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.SessionRow;

/**
 * Finds, and ends, the client sessions that certain roles have in this database. No other
 * sessions are ever concerned: not those of other roles, in other databases, or of
 * replication.
 */
final class RoleSessions {

	/** Listing, waiting and terminating mean the same sessions. */
	private static final String SESSIONS = """
			FROM pg_catalog.pg_stat_activity a WHERE a.usesysid OPERATOR(pg_catalog.=) ANY (?::pg_catalog.oid[]) \
			AND a.datid OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database d \
			WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) \
			AND a.backend_type OPERATOR(pg_catalog.=) 'client backend'""";

	private static final String LIST = String.format(Locale.ROOT, """
			/*NO LOAD BALANCE*/ SELECT %s %s ORDER BY a.backend_start""", SessionRow.COLUMNS, SESSIONS);

	/** Without a timeout argument, which would wait for each in turn. */
	private static final String TERMINATE = String.format(Locale.ROOT, """
			/*NO LOAD BALANCE*/ SELECT a.pid, a.backend_start::pg_catalog.text, \
			pg_catalog.pg_terminate_backend(a.pid) %s""", SESSIONS);

	private static final String TERMINATE_BLOCKING = TERMINATE
			+ " AND a.pid OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids(%s))";

	private static final String PREPARED = """
			/*NO LOAD BALANCE*/ SELECT p.gid FROM pg_catalog.pg_prepared_xacts p \
			JOIN pg_catalog.pg_roles r ON r.rolname OPERATOR(pg_catalog.=) p.owner \
			WHERE p.database OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			AND r.oid OPERATOR(pg_catalog.=) ANY (?::pg_catalog.oid[]) ORDER BY p.prepared""";

	/** Of some roles it is not told which sessions are those of clients. */
	private static final String OTHER_ROLES = """
			/*NO LOAD BALANCE*/ SELECT DISTINCT a.usename::pg_catalog.text FROM pg_catalog.pg_stat_activity a \
			WHERE a.usesysid OPERATOR(pg_catalog.<>) ALL (?::pg_catalog.oid[]) \
			AND a.usename OPERATOR(pg_catalog.<>) current_user \
			AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			AND coalesce(a.backend_type, 'client backend') OPERATOR(pg_catalog.=) 'client backend' ORDER BY 1""";

	private static final String MAY_CONNECT = """
			/*NO LOAD BALANCE*/ SELECT r.rolname::pg_catalog.text FROM pg_catalog.pg_roles r \
			WHERE r.oid OPERATOR(pg_catalog.=) ANY (?::pg_catalog.oid[]) AND %s ORDER BY 1""";

	private final List<Long> roles;

	RoleSessions(List<Long> roles) {
		this.roles = roles;
	}

	/** The sessions that are there now, the oldest first. */
	List<DatabaseSession> list(Connection connection) throws SQLException {
		return read(connection, LIST, SessionRow::read);
	}

	/** Names of the roles beside these, and the one that asks, that have sessions now. */
	List<String> otherRoles(Connection connection) throws SQLException {
		return read(connection, OTHER_ROLES, (row) -> PrintableText.name(row.getString(1)));
	}

	/**
	 * Tells each session to end, without waiting for it.
	 * @return what identifies each
	 */
	List<String> terminate(Connection connection) throws SQLException {
		return read(connection, TERMINATE, RoleSessions::identity);
	}

	/**
	 * Tells each session to end that a server process waits for, without waiting for it.
	 * @return what identifies each
	 */
	List<String> terminateBlocking(Connection connection, int pid) throws SQLException {
		return read(connection, String.format(Locale.ROOT, TERMINATE_BLOCKING, pid), RoleSessions::identity);
	}

	private static String identity(ResultSet row) throws SQLException {
		return row.getString(1) + " " + row.getString(2);
	}

	/** Identifiers of the roles' prepared transactions in this database. */
	List<String> preparedTransactions(Connection connection) throws SQLException {
		return read(connection, PREPARED, (row) -> row.getString(1));
	}

	/** Names of those among the roles that are not kept out. */
	List<String> rolesThatMayConnect(Connection connection, BlockMode blockWith) throws SQLException {
		String condition = switch (blockWith) {
			case NOLOGIN -> "r.rolcanlogin";
			case REVOKE_CONNECT -> "pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT')";
		};
		return read(connection, String.format(Locale.ROOT, MAY_CONNECT, condition), (row) -> row.getString(1));
	}

	private <T> List<T> read(Connection connection, String sql, Reader<T> reader) throws SQLException {
		List<T> values = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setArray(1, connection.createArrayOf("bigint", this.roles.toArray()));
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					values.add(reader.read(row));
				}
			}
		}
		return values;
	}

	/**
	 * Makes something of a row.
	 *
	 * @param <T> what it makes
	 */
	private interface Reader<T> {

		T read(ResultSet row) throws SQLException;

	}

}
