package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.history.SiblingTable;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;

/**
 * The table that records blocked roles, beside the history. It exists only while roles
 * are blocked. What is recorded is undone with the privileges of the migrating role, so
 * no other role may write it.
 */
final class RoleJournalTable {

	private static final String SUFFIX = "_blocked_roles";

	private static final String CREATE = """
			CREATE TABLE %s (role pg_catalog.oid PRIMARY KEY, role_name pg_catalog.name NOT NULL, \
			block_with pg_catalog.text NOT NULL, database pg_catalog.oid NOT NULL, cluster bigint, \
			run pg_catalog.uuid NOT NULL, blocked_by pg_catalog.text NOT NULL, \
			backend_pid int, backend_start pg_catalog.timestamptz, backend_role pg_catalog.oid, \
			blocked_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now())""";

	/** Who may read the history can then tell which roles are recorded. */
	private static final String SHOW = "GRANT SELECT (role, role_name) ON TABLE %s TO PUBLIC";

	private static final String MAY_READ = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') \
			AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') \
			FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text""";

	/** SQLSTATE of a table that is dropped meanwhile. */
	private static final String UNDEFINED_TABLE = "42P01";

	/** Default privileges must not let the application forge a row. */
	private static final String FOREIGN_PRIVILEGES = """
			SELECT DISTINCT pg_catalog.format('REVOKE ALL ON TABLE %%s FROM %%s', c.oid::pg_catalog.regclass, \
			CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
			ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END) \
			FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a \
			WHERE c.oid OPERATOR(pg_catalog.=) '%s'::pg_catalog.regclass::pg_catalog.oid \
			AND a.grantee OPERATOR(pg_catalog.<>) c.relowner""";

	private final SiblingTable table;

	private final String name;

	RoleJournalTable(HistoryTable history) {
		this.table = new SiblingTable(history, SUFFIX);
		this.name = this.table.name();
	}

	/**
	 * Adds the question whether there is a journal in the current schema to a message.
	 * @return the answer, once the message has run; empty if it cannot be asked before
	 * the schema is known
	 */
	static Optional<Result<Boolean>> existsInCurrentSchema(MultiStatement message, String historyTable) {
		return SiblingTable.fits(historyTable, SUFFIX)
				? Optional.of(SiblingTable.addExistsInCurrentSchemaTo(message, historyTable, SUFFIX))
				: Optional.empty();
	}

	/** Adds the question whether there is a journal to a message. */
	Result<Boolean> addExistsTo(MultiStatement message) {
		return this.table.addExistsTo(message);
	}

	/** Quoted and qualified name of the table. */
	String name() {
		return this.name;
	}

	/** Name of the schema alone. */
	String schema() {
		return this.table.schema();
	}

	/** Name of the table alone. */
	String table() {
		return this.table.table();
	}

	/** Its name, for people. */
	String shown() {
		return this.table.toString();
	}

	/**
	 * Returns whether there is a journal. Needs no privilege, and never fails a
	 * transaction.
	 */
	boolean exists(Connection connection) throws SQLException {
		return this.table.exists(connection);
	}

	/**
	 * Returns whether nothing is recorded, so that no role is blocked. Waits for who
	 * drops the journal.
	 * @param connection the connection, in autocommit mode, or in a transaction that
	 * nobody drops the journal beside
	 * @return {@code false} if something is, or this role may not read it
	 * @throws SQLException if the connection is lost
	 */
	boolean isKnownToBeEmpty(Connection connection) throws SQLException {
		MultiStatement privilege = new MultiStatement();
		Result<Boolean> mayRead = privilege.query(MAY_READ, (row) -> row.next() && row.getBoolean(1), schema(),
				table());
		privilege.run(connection);
		if (!mayRead.get()) {
			return false;
		}
		MultiStatement read = new MultiStatement();
		Result<Boolean> empty = read.query(
				String.format(Locale.ROOT, "/*NO LOAD BALANCE*/ SELECT NOT EXISTS (SELECT FROM %s)", this.name),
				(row) -> row.next() && row.getBoolean(1));
		try {
			read.run(connection);
			return empty.get();
		}
		catch (SQLException ex) {
			if (UNDEFINED_TABLE.equals(ex.getSQLState())) {
				return true;
			}
			throw ex;
		}
	}

	/**
	 * Lists the names of the roles that are recorded, when they were, with one message.
	 * @param connection the connection, in autocommit mode
	 * @return the names; none if the journal, which existed, is dropped meanwhile
	 * @throws SQLException if this role may not read them, or the connection is lost
	 */
	List<String> roles(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<List<String>> roles = message.query(
				String.format(Locale.ROOT,
						"/*NO LOAD BALANCE*/ SELECT role_name::pg_catalog.text FROM %s ORDER BY role_name", this.name),
				RoleJournalTable::column);
		try {
			message.run(connection);
			return roles.get().stream().map(PrintableText::name).toList();
		}
		catch (SQLException ex) {
			if (UNDEFINED_TABLE.equals(ex.getSQLState())) {
				return List.of();
			}
			throw ex;
		}
	}

	/** Returns whether somebody else has a table, view or the like of this name. */
	boolean isNameTaken(Connection connection) throws SQLException {
		return this.table.isNameTaken(connection);
	}

	/**
	 * Creates the table if there is none, and takes back what default privileges allow
	 * others, in the transaction that is open on the connection.
	 */
	void ensureExists(Connection connection) throws SQLException {
		if (!exists(connection)) {
			change(connection, String.format(Locale.ROOT, CREATE, this.name));
		}
		for (String revoke : readAll(connection,
				String.format(Locale.ROOT, FOREIGN_PRIVILEGES, this.name.replace("'", "''")))) {
			change(connection, revoke);
		}
		// after what takes back the privileges of columns as well
		change(connection, String.format(Locale.ROOT, SHOW, this.name));
	}

	/**
	 * Drops the table if nothing is recorded any more, unless somebody reads it for
	 * longer than half a second, such as a dump: then the next start does it.
	 */
	boolean dropIfEmpty(Connection connection) throws SQLException {
		if (!exists(connection)) {
			return false;
		}
		execute(connection, "SET LOCAL synchronous_commit = local");
		// replicas that wait look at it for a moment
		execute(connection, "SET LOCAL lock_timeout = '500ms'");
		execute(connection, String.format(Locale.ROOT, "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", this.name));
		if (readAll(connection, String.format(Locale.ROOT, "SELECT role::pg_catalog.text FROM %s LIMIT 1", this.name))
			.isEmpty()) {
			change(connection, "DROP TABLE " + this.name);
			return true;
		}
		return false;
	}

	private static List<String> readAll(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			return readColumn(statement);
		}
	}

	static List<String> readColumn(PreparedStatement statement) throws SQLException {
		try (ResultSet row = statement.executeQuery()) {
			return column(row);
		}
	}

	private static List<String> column(ResultSet row) throws SQLException {
		List<String> values = new ArrayList<>();
		while (row.next()) {
			values.add(row.getString(1));
		}
		return values;
	}

	/** Changes the table as event triggers expect it, which run within. */
	private static void change(Connection connection, String sql) throws SQLException {
		execute(connection, OwnSearchPath.RESTORE);
		execute(connection, sql);
		execute(connection, OwnSearchPath.HIDE);
	}

	static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
