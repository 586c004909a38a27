package io.github.headlock.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;

import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether reading a table can run nobody's code. To read a view runs the functions
 * that its author chose, with the rights of the role that reads; so do policies of row
 * level security, and what PostgreSQL evaluates when it plans: the expressions of an
 * index, of statistics and of a partition key.
 */
final class ReadabilityCheck {

	/**
	 * An owner that has our rights anyway, or that could change what is in the schema. To
	 * be a member of the owner says nothing: a migrating role that keeps the
	 * application's sessions out is a member of the application's role.
	 */
	private static final String TRUSTED = """
			(c.relowner OPERATOR(pg_catalog.=) n.nspowner OR c.relowner OPERATOR(pg_catalog.=) me.oid \
			OR owner.rolsuper OR pg_catalog.pg_has_role(c.relowner, me.oid, 'MEMBER') \
			OR c.relowner OPERATOR(pg_catalog.=) (SELECT d.datdba FROM pg_catalog.pg_database d \
			WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()))""";

	private static final String REASON = String.format(Locale.ROOT, """
			CASE WHEN c.relkind OPERATOR(pg_catalog.<>) ALL ('{r,p}') THEN 'it is not a table' \
			WHEN c.relhasrules THEN 'it has rewrite rules' \
			WHEN %s THEN NULL \
			WHEN pg_catalog.row_security_active(c.oid) THEN 'it has row level security' \
			WHEN c.relkind OPERATOR(pg_catalog.=) 'p' THEN 'it is partitioned' \
			WHEN EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid \
			AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)) THEN 'it has an index with an expression' \
			WHEN EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid OPERATOR(pg_catalog.=) c.oid \
			AND s.stxexprs IS NOT NULL) THEN 'it has statistics of an expression' END""", TRUSTED);

	private static final String FROM = """
			FROM pg_catalog.pg_class c \
			JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			JOIN pg_catalog.pg_roles owner ON owner.oid OPERATOR(pg_catalog.=) c.relowner \
			JOIN pg_catalog.pg_roles me ON me.rolname OPERATOR(pg_catalog.=) current_user \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) \
			coalesce(?::pg_catalog.text, pg_catalog.current_schema()::pg_catalog.text) \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text""";

	private static final String CHECK = String.format(Locale.ROOT, """
			/*NO LOAD BALANCE*/ SELECT 1 OPERATOR(pg_catalog./) (CASE WHEN (%s) IS NULL THEN 1 ELSE 0 END), \
			pg_catalog.row_security_active(c.oid) %s""", REASON, FROM);

	/** What the check fails with. */
	static final String CHECK_FAILED = "22012";

	private static final String EXPLANATION = String.format(Locale.ROOT, """
			/*NO LOAD BALANCE*/ SELECT %s, owner.rolname %s""", REASON, FROM);

	private static final String ROW_SECURITY = "/*NO LOAD BALANCE*/ SELECT pg_catalog.row_security_active(c.oid) "
			+ FROM;

	private ReadabilityCheck() {
	}

	/**
	 * Adds the check to a message. It fails with {@link #CHECK_FAILED}, a division by
	 * zero, if the table must not be read.
	 * @param schema its schema, {@code null} for the current one
	 * @return whether row level security may hide rows, once the message has run
	 */
	static Result<Boolean> addTo(MultiStatement message, @Nullable String schema, String table) {
		return message.query(CHECK, (row) -> row.next() && row.getBoolean(2), schema, table);
	}

	/** Whether row level security may hide rows of the table from the role that asks. */
	static boolean mayHideRows(Connection connection, HistoryTable table) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(ROW_SECURITY)) {
			statement.setString(1, table.schema());
			statement.setString(2, table.table());
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

	/** Why the check has failed. */
	static String reason(Connection connection, HistoryTable table) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(EXPLANATION)) {
			statement.setString(1, table.schema());
			statement.setString(2, table.table());
			try (ResultSet row = statement.executeQuery()) {
				return (row.next() && row.getString(1) != null) ? String.format(Locale.ROOT,
						"%s is not read, because %s, which can hide rows or run the code of its owner, role \"%s\"",
						table, row.getString(1), row.getString(2)) : table + " was changed meanwhile";
			}
		}
	}

}
