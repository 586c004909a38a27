package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Holds what the server tells about the role that migrates.
 *
 * @param sqlName name of the role, quoted for SQL
 * @param database name of the database, quoted for SQL
 * @param schema name of the schema of the history, quoted for SQL
 * @param majorVersion major version of the server
 * @param superuser whether the role is a superuser
 * @param createRole whether it has CREATEROLE
 * @param inherits whether it has the privileges of roles granted to it, up to PostgreSQL
 * 15
 * @param signalsBackends whether it has the privileges of {@code pg_signal_backend}
 * @param readsStatistics whether it has the privileges of {@code pg_read_all_stats}
 * @param ownsDatabase whether it has the privileges of the owner of the database
 * @param createsTables whether it may create a table beside the history, or the schema
 * does not exist yet
 * @param terminates whether it may call {@code pg_terminate_backend}
 */
record MigratorFacts(String sqlName, String database, String schema, int majorVersion, boolean superuser,
		boolean createRole, boolean inherits, boolean signalsBackends, boolean readsStatistics, boolean ownsDatabase,
		boolean createsTables, boolean terminates) {

	/** PostgreSQL 14 lets members see sessions even if they do not inherit. */
	private static final String SQL = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.quote_ident(current_user), pg_catalog.quote_ident(d.datname), \
			pg_catalog.quote_ident(wanted.schema), server.version OPERATOR(pg_catalog./) 10000, r.rolsuper, r.rolcreaterole, \
			r.rolinherit, pg_catalog.pg_has_role('pg_signal_backend', 'USAGE'), pg_catalog.pg_has_role('pg_read_all_stats', \
			CASE WHEN server.version OPERATOR(pg_catalog.<) 150000 THEN 'MEMBER' ELSE 'USAGE' END), \
			pg_catalog.pg_has_role(d.datdba, 'USAGE'), \
			coalesce(pg_catalog.has_schema_privilege(n.oid, 'CREATE'), true), \
			pg_catalog.has_function_privilege('pg_catalog.pg_terminate_backend(integer, bigint)', 'EXECUTE') \
			FROM (SELECT ?::pg_catalog.text AS schema) AS wanted \
			CROSS JOIN (SELECT pg_catalog.current_setting('server_version_num')::int AS version) AS server \
			JOIN pg_catalog.pg_roles r ON r.rolname OPERATOR(pg_catalog.=) current_user \
			JOIN pg_catalog.pg_database d ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			LEFT JOIN pg_catalog.pg_namespace n ON n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) wanted.schema""";

	/**
	 * Reads the facts.
	 * @param connection a connection of the role
	 * @param schema schema of the history
	 * @return the facts
	 * @throws SQLException if they cannot be read
	 */
	static MigratorFacts read(Connection connection, String schema) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(SQL)) {
			statement.setString(1, schema);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return new MigratorFacts(row.getString(1), row.getString(2), row.getString(3), row.getInt(4),
						row.getBoolean(5), row.getBoolean(6), row.getBoolean(7), row.getBoolean(8), row.getBoolean(9),
						row.getBoolean(10), row.getBoolean(11), row.getBoolean(12));
			}
		}
	}

}
