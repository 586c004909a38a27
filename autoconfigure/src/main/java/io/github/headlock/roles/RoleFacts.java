package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.PrintableText;

/**
 * Holds what the server tells about one role that is to be blocked, and about what the
 * migrating role may do to it.
 *
 * @param name name as it was given
 * @param oid its identifier, 0 if it does not exist
 * @param canLogIn whether it can log in now
 * @param superuser whether it is a superuser
 * @param replication whether it has REPLICATION, which up to PostgreSQL 15 only a
 * superuser may alter
 * @param migrates whether it is the role that migrates, or the one that is logged in to
 * migrate
 * @param privileges whether the migrating role has its privileges
 * @param admin whether the migrating role may administer it
 * @param preparedTransactions number of its prepared transactions in this database
 * @param sessionsElsewhere number of its sessions in other databases, replication
 * included
 * @param connectThrough what gives it CONNECT on this database beside its own grant, as
 * names in SQL
 * @param connectGrantedBy roles beside the owner of the database that have granted it
 * CONNECT, as names in SQL
 * @param connectGrantable whether it may grant CONNECT to others
 */
record RoleFacts(String name, long oid, boolean canLogIn, boolean superuser, boolean replication, boolean migrates,
		boolean privileges, boolean admin, int preparedTransactions, int sessionsElsewhere, List<String> connectThrough,
		List<String> connectGrantedBy, boolean connectGrantable) {

	private static final String SQL = """
			/*NO LOAD BALANCE*/ SELECT wanted.name, coalesce(r.oid::bigint, 0), coalesce(r.rolcanlogin, false), \
			coalesce(r.rolsuper, false), coalesce(r.rolreplication, false), \
			coalesce(r.rolname OPERATOR(pg_catalog.=) current_user OR r.rolname OPERATOR(pg_catalog.=) session_user, false), \
			coalesce(pg_catalog.pg_has_role(r.oid, 'USAGE'), false), \
			coalesce(pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION'), false), \
			(SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_xacts p \
			WHERE p.owner OPERATOR(pg_catalog.=) r.rolname AND p.database OPERATOR(pg_catalog.=) d.datname), \
			(SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a \
			WHERE a.usesysid OPERATOR(pg_catalog.=) r.oid AND (a.datid OPERATOR(pg_catalog.=) d.oid) IS NOT TRUE), \
			ARRAY(SELECT CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
			ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END \
			FROM pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) g \
			WHERE g.privilege_type OPERATOR(pg_catalog.=) 'CONNECT' AND g.grantee OPERATOR(pg_catalog.<>) r.oid \
			AND CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN true \
			ELSE pg_catalog.pg_has_role(r.oid, g.grantee, 'USAGE') END ORDER BY 1), \
			ARRAY(SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantor)) \
			FROM pg_catalog.aclexplode(d.datacl) g WHERE g.privilege_type OPERATOR(pg_catalog.=) 'CONNECT' \
			AND g.grantee OPERATOR(pg_catalog.=) r.oid AND g.grantor OPERATOR(pg_catalog.<>) d.datdba ORDER BY 1), \
			EXISTS (SELECT FROM pg_catalog.aclexplode(d.datacl) g WHERE g.privilege_type OPERATOR(pg_catalog.=) 'CONNECT' \
			AND g.grantee OPERATOR(pg_catalog.=) r.oid AND g.is_grantable) \
			FROM pg_catalog.pg_database d \
			CROSS JOIN pg_catalog.unnest(?::pg_catalog.text[]) WITH ORDINALITY AS wanted (name, position) \
			LEFT JOIN pg_catalog.pg_roles r ON r.rolname::pg_catalog.text OPERATOR(pg_catalog.=) wanted.name \
			WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() ORDER BY wanted.position""";

	/**
	 * Reads the facts of roles.
	 * @param connection a connection of the migrating role
	 * @param names names of the roles, compared as text
	 * @return the facts, in the order of the names
	 * @throws SQLException if they cannot be read
	 */
	static List<RoleFacts> read(Connection connection, List<String> names) throws SQLException {
		List<RoleFacts> roles = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(SQL)) {
			statement.setArray(1, connection.createArrayOf("text", names.toArray()));
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					roles.add(new RoleFacts(row.getString(1), row.getLong(2), row.getBoolean(3), row.getBoolean(4),
							row.getBoolean(5), row.getBoolean(6), row.getBoolean(7), row.getBoolean(8), row.getInt(9),
							row.getInt(10), List.of((String[]) row.getArray(11).getArray()),
							List.of((String[]) row.getArray(12).getArray()), row.getBoolean(13)));
				}
			}
		}
		return roles;
	}

	/** Its name, for people. */
	String shown() {
		return PrintableText.name(this.name);
	}

	boolean exists() {
		return this.oid != 0;
	}

}
