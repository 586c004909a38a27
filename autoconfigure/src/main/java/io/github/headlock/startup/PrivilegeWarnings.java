package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;

/**
 * Tells through what other roles could have their code run as the role that migrates,
 * with and without Headlock.
 */
final class PrivilegeWarnings {

	/**
	 * To create means to plant a function or an operator that PostgreSQL prefers to its
	 * own. The owner of a schema may always create in it.
	 */
	private static final String CREATORS = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.quote_ident(n.nspname), pg_catalog.string_agg(DISTINCT \
			CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
			ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END, ', ') \
			FROM pg_catalog.pg_namespace n CROSS JOIN pg_catalog.aclexplode(n.nspacl) g \
			JOIN pg_catalog.pg_roles me ON me.rolname OPERATOR(pg_catalog.=) current_user \
			LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) g.grantee \
			WHERE (n.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)) \
			OR n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text) \
			AND g.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND g.grantee OPERATOR(pg_catalog.<>) n.nspowner \
			AND g.grantee OPERATOR(pg_catalog.<>) me.oid AND r.rolsuper IS NOT TRUE \
			AND (r.oid IS NULL OR NOT pg_catalog.pg_has_role(r.oid, me.oid, 'MEMBER')) \
			GROUP BY n.nspname ORDER BY n.nspname""";

	private static final String OWNER = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.quote_ident(owner.rolname), pg_catalog.quote_ident(me.rolname) \
			FROM pg_catalog.pg_class c \
			JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			JOIN pg_catalog.pg_roles owner ON owner.oid OPERATOR(pg_catalog.=) c.relowner \
			JOIN pg_catalog.pg_roles me ON me.rolname OPERATOR(pg_catalog.=) current_user \
			JOIN pg_catalog.pg_database d ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text AND NOT owner.rolsuper \
			AND c.relowner OPERATOR(pg_catalog.<>) n.nspowner AND c.relowner OPERATOR(pg_catalog.<>) d.datdba \
			AND NOT pg_catalog.pg_has_role(c.relowner, me.oid, 'MEMBER') \
			AND (owner.rolcanlogin OR NOT pg_catalog.pg_has_role(me.oid, c.relowner, 'MEMBER'))""";

	private PrivilegeWarnings() {
	}

	/**
	 * Looks at the schemas on the search path, and at the history table.
	 * @param connection a connection of the role that migrates
	 * @param table the history table
	 * @return each problem in words, with the statement that solves it
	 * @throws SQLException if the database refuses or the connection is lost
	 */
	static List<String> read(Connection connection, HistoryTable table) throws SQLException {
		List<String> advice = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(CREATORS)) {
			statement.setString(1, table.schema());
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					advice.add(String.format(Locale.ROOT,
							"other roles may create objects in schema %1$s, which is on the search path: functions and "
									+ "operators of theirs can run with the rights of the migrating role, as with Flyway alone. "
									+ "REVOKE CREATE ON SCHEMA %1$s FROM %2$s;",
							PrintableText.name(row.getString(1)), PrintableText.name(row.getString(2))));
				}
			}
		}
		try (PreparedStatement statement = connection.prepareStatement(OWNER)) {
			statement.setString(1, table.schema());
			statement.setString(2, table.table());
			try (ResultSet row = statement.executeQuery()) {
				if (row.next()) {
					advice.add(String.format(Locale.ROOT,
							"%1$s belongs to role %2$s, whose triggers on it run with the rights of the migrating role. "
									+ "ALTER TABLE %1$s OWNER TO %3$s;",
							table, PrintableText.name(row.getString(1)), PrintableText.name(row.getString(2))));
				}
			}
		}
		return advice;
	}

}
