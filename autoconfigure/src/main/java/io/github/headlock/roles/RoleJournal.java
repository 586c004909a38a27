package io.github.headlock.roles;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ApplicationName;
import org.jspecify.annotations.Nullable;

/**
 * Records which roles a migration blocks, in a table beside the history that exists only
 * while there are any. A role is blocked and recorded in one transaction, and unblocked
 * and struck off in one, so that whoever finds the table knows what to undo.
 * <p>
 * A table of that name counts only if it belongs to the role that asks, to the owner of
 * the history, or to a superuser: what stands in it is done with the privileges of the
 * migrating role, so nobody else may write it.
 */
final class RoleJournal {

	/** PostgreSQL cuts longer names, NAMEDATALEN. */
	private static final int MAX_NAME_BYTES = 63;

	private static final String SUFFIX = "_blocked_roles";

	private static final String TRUST = """
			/*NO LOAD BALANCE*/ SELECT o.rolname OPERATOR(pg_catalog.=) current_user OR o.rolsuper OR EXISTS (SELECT \
			FROM pg_catalog.pg_class h WHERE h.relnamespace OPERATOR(pg_catalog.=) n.oid \
			AND h.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text \
			AND h.relowner OPERATOR(pg_catalog.=) o.oid) \
			FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) c.relowner \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text""";

	private static final String CREATE = """
			CREATE TABLE %s (role pg_catalog.oid PRIMARY KEY, role_name pg_catalog.name NOT NULL, \
			block_with pg_catalog.text NOT NULL, database pg_catalog.oid NOT NULL, cluster bigint NOT NULL, \
			run pg_catalog.uuid NOT NULL, blocked_by pg_catalog.text NOT NULL, \
			blocked_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now())""";

	/** Default privileges must not let the application forge a row. */
	private static final String FOREIGN_PRIVILEGES = """
			SELECT DISTINCT pg_catalog.format('REVOKE ALL ON TABLE %%s FROM %%s', c.oid::pg_catalog.regclass, \
			CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
			ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END) \
			FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a \
			WHERE c.oid OPERATOR(pg_catalog.=) '%s'::pg_catalog.regclass::pg_catalog.oid \
			AND a.grantee OPERATOR(pg_catalog.<>) c.relowner""";

	private static final String RECORD = """
			INSERT INTO %s (role, role_name, block_with, database, cluster, run, blocked_by) \
			SELECT r.oid, r.rolname, '%s', d.oid, c.system_identifier, ?::pg_catalog.uuid, ?::pg_catalog.text \
			FROM pg_catalog.pg_roles r \
			JOIN pg_catalog.pg_database d ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			CROSS JOIN pg_catalog.pg_control_system() c \
			WHERE r.oid OPERATOR(pg_catalog.=) ANY (?::pg_catalog.oid[]) AND %s \
			ON CONFLICT (role) DO UPDATE SET run = excluded.run \
			RETURNING role::bigint, role_name::pg_catalog.text, run, %s""";

	/** Only roles that can log in are recorded, so that no other ever gets LOGIN. */
	private static final String CAN_LOG_IN = "r.rolcanlogin";

	private static final String WAS_GRANTED_CONNECT = """
			EXISTS (SELECT FROM pg_catalog.aclexplode(d.datacl) a WHERE a.grantee OPERATOR(pg_catalog.=) r.oid \
			AND a.privilege_type OPERATOR(pg_catalog.=) 'CONNECT')""";

	private static final String UNBLOCK = """
			CASE WHEN %s OPERATOR(pg_catalog.=) 'NOLOGIN' THEN pg_catalog.format('ALTER ROLE %%I LOGIN', r.rolname) \
			ELSE pg_catalog.format('GRANT CONNECT ON DATABASE %%I TO %%I', pg_catalog.current_database(), r.rolname) END""";

	/**
	 * The row goes first, so that of two who do this at once the second finds nothing to
	 * do. One that came with a copy of another database is not ours to undo: there, the
	 * same identifier may mean another role.
	 */
	private static final String STRIKE_OFF = """
			WITH struck AS (DELETE FROM %s WHERE role OPERATOR(pg_catalog.=) ?::pg_catalog.oid \
			AND run OPERATOR(pg_catalog.=) ?::pg_catalog.uuid RETURNING *) \
			SELECT %s FROM struck s JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.role \
			JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.database \
			CROSS JOIN pg_catalog.pg_control_system() c \
			WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
			AND (c.system_identifier OPERATOR(pg_catalog.=) s.cluster OR r.rolname OPERATOR(pg_catalog.=) s.role_name)""";

	private static final String UNBLOCK_UNRECORDED = """
			SELECT %s FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) ?::pg_catalog.oid""";

	private final HistoryTable history;

	private final String table;

	private final String name;

	RoleJournal(HistoryTable history) {
		this.history = history;
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

	/** Its name, for people. */
	String shown() {
		return PrintableText.name(this.name);
	}

	/** What identifies all that is recorded, also for a role that may not read it. */
	LeftOver leftOver(Connection connection) throws SQLException {
		return LeftOver.read(connection, this.history.schema(), this.table, this);
	}

	/**
	 * Returns whether there is a journal. Needs no privilege, and never fails a
	 * transaction.
	 */
	boolean exists(Connection connection) throws SQLException {
		return Boolean.TRUE.equals(trust(connection));
	}

	/** Returns whether somebody else has a table, view or the like of this name. */
	boolean isNameTaken(Connection connection) throws SQLException {
		return Boolean.FALSE.equals(trust(connection));
	}

	private @Nullable Boolean trust(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(TRUST)) {
			statement.setString(1, this.history.table());
			statement.setString(2, this.history.schema());
			statement.setString(3, this.table);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() ? row.getBoolean(1) : null;
			}
		}
	}

	/**
	 * Blocks roles and records it, in the transaction that is open on the connection.
	 * @param connection the connection
	 * @param run identifies the process that blocks
	 * @param blockWith how to block
	 * @param roles identifiers of the roles
	 * @return those that were not blocked already
	 */
	List<Entry> block(Connection connection, UUID run, BlockMode blockWith, List<Long> roles) throws SQLException {
		if (!exists(connection)) {
			execute(connection, String.format(Locale.ROOT, CREATE, this.name));
		}
		for (String revoke : readAll(connection,
				String.format(Locale.ROOT, FOREIGN_PRIVILEGES, this.name.replace("'", "''")))) {
			execute(connection, revoke);
		}
		try (PreparedStatement statement = connection.prepareStatement(record(blockWith))) {
			statement.setObject(1, run);
			statement.setString(2, ApplicationName.ofThisProcess());
			statement.setArray(3, connection.createArrayOf("bigint", roles.toArray()));
			List<Entry> blocked = new ArrayList<>();
			List<String> blocks = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					blocked.add(entry(row));
					blocks.add(row.getString(4));
				}
			}
			for (String block : blocks) {
				execute(connection, block);
			}
			return blocked;
		}
	}

	private String record(BlockMode blockWith) {
		return switch (blockWith) {
			case NOLOGIN -> String.format(Locale.ROOT, RECORD, this.name, blockWith, CAN_LOG_IN,
					"pg_catalog.format('ALTER ROLE %I NOLOGIN', role_name)");
			case REVOKE_CONNECT -> String.format(Locale.ROOT, RECORD, this.name, blockWith, WAS_GRANTED_CONNECT,
					"pg_catalog.format('REVOKE CONNECT ON DATABASE %I FROM %I', pg_catalog.current_database(), role_name)");
		};
	}

	/** What is recorded, of one run or, if that is {@code null}, of all. */
	List<Entry> read(Connection connection, @Nullable UUID run) throws SQLException {
		List<Entry> entries = new ArrayList<>();
		if (!exists(connection)) {
			return entries;
		}
		String sql = String.format(Locale.ROOT,
				"SELECT role::bigint, role_name::pg_catalog.text, run FROM %s ORDER BY role_name", this.name);
		try (PreparedStatement statement = connection.prepareStatement(sql); ResultSet row = statement.executeQuery()) {
			while (row.next()) {
				Entry entry = entry(row);
				if (run == null || run.equals(entry.run())) {
					entries.add(entry);
				}
			}
		}
		return entries;
	}

	/**
	 * Unblocks a role and strikes it off, in the transaction that is open on the
	 * connection.
	 * @param connection the connection
	 * @param entry what {@link #read} found
	 * @return whether it was still to be done, and was
	 */
	boolean unblock(Connection connection, Entry entry) throws SQLException {
		if (!exists(connection)) {
			return false;
		}
		try (PreparedStatement statement = connection.prepareStatement(String.format(Locale.ROOT, STRIKE_OFF, this.name,
				String.format(Locale.ROOT, UNBLOCK, "s.block_with")))) {
			statement.setLong(1, entry.role());
			statement.setObject(2, entry.run());
			List<String> unblock = readColumn(statement);
			for (String sql : unblock) {
				execute(connection, sql);
			}
			return !unblock.isEmpty();
		}
	}

	/**
	 * Unblocks a role of which a migration has destroyed the record, in the transaction
	 * that is open on the connection.
	 */
	void unblockUnrecorded(Connection connection, Entry entry, BlockMode blockWith) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(String.format(Locale.ROOT, UNBLOCK_UNRECORDED,
				String.format(Locale.ROOT, UNBLOCK, "'" + blockWith + "'")))) {
			statement.setLong(1, entry.role());
			for (String sql : readColumn(statement)) {
				execute(connection, sql);
			}
		}
	}

	/**
	 * Drops the table if nothing is recorded any more, unless somebody reads it, such as
	 * a dump: then the next start does it.
	 */
	boolean dropIfEmpty(Connection connection) throws SQLException {
		if (!exists(connection)) {
			return false;
		}
		execute(connection, String.format(Locale.ROOT, "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT", this.name));
		if (readAll(connection, String.format(Locale.ROOT, "SELECT role::pg_catalog.text FROM %s LIMIT 1", this.name))
			.isEmpty()) {
			execute(connection, "DROP TABLE " + this.name);
			return true;
		}
		return false;
	}

	private static Entry entry(ResultSet row) throws SQLException {
		return new Entry(row.getLong(1), row.getString(2), row.getObject(3, UUID.class));
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

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/**
	 * A role that is blocked.
	 *
	 * @param role its identifier
	 * @param name its name when it was blocked
	 * @param run identifies the process that blocked it
	 */
	record Entry(long role, String name, UUID run) {

		Entry {
			name = PrintableText.name(name);
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

}
