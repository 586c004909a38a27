package io.github.headlock.history;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.jspecify.annotations.Nullable;

/**
 * Names a table of Headlock's own beside the history, and tells whether it is there.
 * <p>
 * A table of that name counts only if it belongs to the role that asks, to the owner of
 * the history, or to a superuser: no other role may decide what is read from it.
 */
public final class SiblingTable {

	/** PostgreSQL cuts longer names, NAMEDATALEN. */
	private static final int MAX_NAME_BYTES = 63;

	private static final String TRUST = """
			/*NO LOAD BALANCE*/ SELECT o.rolname OPERATOR(pg_catalog.=) current_user OR o.rolsuper OR EXISTS (SELECT \
			FROM pg_catalog.pg_class h WHERE h.relnamespace OPERATOR(pg_catalog.=) n.oid \
			AND h.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text \
			AND h.relowner OPERATOR(pg_catalog.=) o.oid) \
			FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) c.relowner \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) \
			coalesce(?::pg_catalog.text, pg_catalog.current_schema()::pg_catalog.text) \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text""";

	private final HistoryTable history;

	private final String table;

	private final String name;

	/**
	 * Names the table.
	 * @param history the history table
	 * @param suffix what follows the name of the history table, such as
	 * {@code _blocked_roles}
	 */
	public SiblingTable(HistoryTable history, String suffix) {
		this.history = history;
		this.table = fits(history.table(), suffix) ? history.table() + suffix
				: "headlock_" + Long.toHexString(history.lockKey()) + suffix;
		this.name = history.sibling(this.table);
	}

	/**
	 * Returns whether the name follows from that of the history table alone.
	 * @param historyTable name of the history table
	 * @param suffix what follows it
	 * @return {@code false} if the schema has to be known as well
	 */
	public static boolean fits(String historyTable, String suffix) {
		return (historyTable + suffix).getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
	}

	/**
	 * Adds the question whether there is such a table in the current schema to a message.
	 * @param message the message
	 * @param historyTable name of the history table
	 * @param suffix what follows it; the name of both fits
	 * @return the answer, once the message has run
	 */
	public static Result<Boolean> addExistsInCurrentSchemaTo(MultiStatement message, String historyTable,
			String suffix) {
		return addExistsTo(message, historyTable, null, historyTable + suffix);
	}

	/**
	 * Adds the question whether there is the table to a message.
	 * @param message the message
	 * @return the answer, once the message has run
	 */
	public Result<Boolean> addExistsTo(MultiStatement message) {
		return addExistsTo(message, this.history.table(), this.history.schema(), this.table);
	}

	private static Result<Boolean> addExistsTo(MultiStatement message, String historyTable, @Nullable String schema,
			String table) {
		return message.query(TRUST, (row) -> row.next() && row.getBoolean(1), historyTable, schema, table);
	}

	/**
	 * Returns the name as it stands in SQL.
	 * @return the quoted and qualified name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns the schema.
	 * @return its name, not quoted
	 */
	public String schema() {
		return this.history.schema();
	}

	/**
	 * Returns the name of the table alone.
	 * @return the name, not quoted
	 */
	public String table() {
		return this.table;
	}

	/**
	 * Returns whether the table is there. Needs no privilege, and never fails a
	 * transaction.
	 * @param connection the connection to ask through
	 * @return {@code false} also if a table of that name does not count
	 * @throws SQLException if the connection is lost
	 */
	public boolean exists(Connection connection) throws SQLException {
		return Boolean.TRUE.equals(trust(connection));
	}

	/**
	 * Returns whether somebody else has a table, view or the like of this name.
	 * @param connection the connection to ask through
	 * @return whether the name is taken
	 * @throws SQLException if the connection is lost
	 */
	public boolean isNameTaken(Connection connection) throws SQLException {
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

	/** The name as it may be shown. */
	@Override
	public String toString() {
		return PrintableText.name(this.name);
	}

}
