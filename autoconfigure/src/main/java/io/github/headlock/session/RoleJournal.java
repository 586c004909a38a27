package io.github.headlock.session;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.github.headlock.database.ApplicationName;
import io.github.headlock.database.HistoryTable;
import org.jspecify.annotations.Nullable;

/**
 * Records which roles a migration blocks, in a table beside the history that exists only
 * while there are any. A role is blocked and recorded in one transaction, and unblocked
 * and struck off in one, so that whoever finds the table knows what to undo.
 */
final class RoleJournal {

	/** PostgreSQL cuts longer names, NAMEDATALEN. */
	private static final int MAX_NAME_BYTES = 63;

	private static final String SUFFIX = "_blocked_roles";

	private static final String EXISTS = """
			/*NO LOAD BALANCE*/ SELECT EXISTS (SELECT FROM pg_catalog.pg_class c \
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
			WHERE n.nspname::text = ? AND c.relname::text = ? AND c.relkind = 'r')""";

	private static final String CREATE = """
			CREATE TABLE IF NOT EXISTS %s (role oid PRIMARY KEY, role_name name NOT NULL, block_with text NOT NULL, \
			run uuid NOT NULL, blocked_by text NOT NULL, blocked_at timestamptz NOT NULL DEFAULT now())""";

	/** Default privileges must not let the application forge a row. */
	private static final String FOREIGN_PRIVILEGES = """
			SELECT DISTINCT format('REVOKE ALL ON TABLE %%s FROM %%s', c.oid::regclass, \
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END) \
			FROM pg_catalog.pg_class c, aclexplode(c.relacl) a \
			WHERE c.oid = '%s'::regclass AND a.grantee <> c.relowner""";

	/** Only roles that can log in are recorded, so that no other ever gets LOGIN. */
	private static final String RECORD_NOLOGIN = """
			INSERT INTO %s (role, role_name, block_with, run, blocked_by) \
			SELECT r.oid, r.rolname, 'NOLOGIN', ?, ? FROM pg_catalog.pg_roles r \
			WHERE r.oid = ANY (?::oid[]) AND r.rolcanlogin ON CONFLICT DO NOTHING \
			RETURNING format('ALTER ROLE %%I NOLOGIN', role_name)""";

	private static final String RECORD_REVOKE_CONNECT = """
			INSERT INTO %s (role, role_name, block_with, run, blocked_by) \
			SELECT r.oid, r.rolname, 'REVOKE_CONNECT', ?, ? FROM pg_catalog.pg_roles r \
			WHERE r.oid = ANY (?::oid[]) AND EXISTS (SELECT FROM pg_catalog.pg_database d, aclexplode(d.datacl) a \
			WHERE d.datname = current_database() AND a.grantee = r.oid AND a.privilege_type = 'CONNECT') \
			ON CONFLICT DO NOTHING \
			RETURNING format('REVOKE CONNECT ON DATABASE %%I FROM %%I', current_database(), role_name)""";

	private static final String STRIKE_OFF = """
			WITH struck AS (DELETE FROM %s WHERE coalesce(run = ?::uuid, true) RETURNING role, block_with) \
			SELECT r.rolname::text, CASE s.block_with WHEN 'NOLOGIN' THEN format('ALTER ROLE %%I LOGIN', r.rolname) \
			ELSE format('GRANT CONNECT ON DATABASE %%I TO %%I', current_database(), r.rolname) END \
			FROM struck s JOIN pg_catalog.pg_roles r ON r.oid = s.role ORDER BY r.rolname""";

	private final String schema;

	private final String table;

	private final String name;

	RoleJournal(HistoryTable history) {
		this.schema = history.schema();
		this.table = tableName(history);
		this.name = history.sibling(this.table);
	}

	private static String tableName(HistoryTable history) {
		String name = history.table() + SUFFIX;
		boolean fits = name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
		return fits ? name : "headlock_" + Long.toHexString(history.lockKey()) + SUFFIX;
	}

	/** Quoted and qualified name of the table. */
	String name() {
		return this.name;
	}

	/**
	 * Returns whether anything is recorded. Needs no privilege, and never fails a
	 * transaction.
	 */
	boolean exists(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(EXISTS)) {
			statement.setString(1, this.schema);
			statement.setString(2, this.table);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

	/**
	 * Blocks roles and records it, in the transaction that is open on the connection.
	 * @param connection the connection
	 * @param run identifies the process that blocks
	 * @param blockWith how to block
	 * @param roles identifiers of the roles
	 */
	void block(Connection connection, UUID run, BlockWith blockWith, List<Long> roles) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(CREATE.formatted(this.name));
		}
		executeAll(connection, readAll(connection, FOREIGN_PRIVILEGES.formatted(this.name.replace("'", "''"))));
		String sql = ((blockWith == BlockWith.NOLOGIN) ? RECORD_NOLOGIN : RECORD_REVOKE_CONNECT).formatted(this.name);
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setObject(1, run);
			statement.setString(2, ApplicationName.ofThisProcess());
			statement.setArray(3, connection.createArrayOf("bigint", roles.toArray()));
			executeAll(connection, readColumn(statement));
		}
	}

	/**
	 * Unblocks roles and strikes them off, in the transaction that is open on the
	 * connection. Rows go first, so that of two who do this at once the second finds
	 * nothing to do.
	 * @param connection the connection
	 * @param run identifies the process whose blocks are undone, {@code null} for all
	 * @return names of the roles
	 */
	List<String> unblock(Connection connection, @Nullable UUID run) throws SQLException {
		if (!exists(connection)) {
			return List.of();
		}
		List<String> roles = new ArrayList<>();
		List<String> statements = new ArrayList<>();
		try (Statement lock = connection.createStatement()) {
			lock.execute("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE".formatted(this.name));
		}
		try (PreparedStatement statement = connection.prepareStatement(STRIKE_OFF.formatted(this.name))) {
			statement.setObject(1, run);
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					roles.add(row.getString(1));
					statements.add(row.getString(2));
				}
			}
		}
		executeAll(connection, statements);
		if (readAll(connection, "SELECT role::text FROM %s LIMIT 1".formatted(this.name)).isEmpty()) {
			executeAll(connection, List.of("DROP TABLE " + this.name));
		}
		return roles;
	}

	/** Names of those among the roles that may connect to this database. */
	List<String> rolesThatMayConnect(Connection connection, List<Long> roles) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("""
				SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = ANY (?::oid[]) \
				AND has_database_privilege(r.oid, current_database(), 'CONNECT') ORDER BY 1""")) {
			statement.setArray(1, connection.createArrayOf("bigint", roles.toArray()));
			return readColumn(statement);
		}
	}

	private static List<String> readAll(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			return readColumn(statement);
		}
	}

	private static List<String> readColumn(PreparedStatement statement) throws SQLException {
		List<String> values = new ArrayList<>();
		try (ResultSet row = statement.executeQuery()) {
			while (row.next()) {
				values.add(row.getString(1));
			}
		}
		return values;
	}

	private static void executeAll(Connection connection, List<String> statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
