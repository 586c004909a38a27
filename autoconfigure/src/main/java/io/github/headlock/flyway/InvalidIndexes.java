package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import io.github.headlock.PrintableText;

/**
 * Finds what a {@code CREATE INDEX CONCURRENTLY} or {@code REINDEX CONCURRENTLY} leaves
 * behind that did not come to its end: an index that is kept up to date but never used.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY">Building
 * indexes concurrently</a>
 */
public final class InvalidIndexes {

	/**
	 * Of a partitioned table they may be meant to be so, until all parts are attached.
	 * What other roles build is hidden, but not that they do, nor which table they have
	 * locked for it.
	 */
	private static final String SQL = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) \
			FROM pg_catalog.pg_index i \
			JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid \
			JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			WHERE NOT i.indisvalid AND c.relkind OPERATOR(pg_catalog.=) 'i' \
			AND pg_catalog.pg_has_role(c.relowner, 'USAGE') \
			AND n.nspname OPERATOR(pg_catalog.!~~) 'pg\\_%' \
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid OPERATOR(pg_catalog.=) c.oid \
			OR p.index_relid IS NULL AND EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid OPERATOR(pg_catalog.=) p.pid \
			AND l.database OPERATOR(pg_catalog.=) p.datid AND l.relation OPERATOR(pg_catalog.=) i.indrelid \
			AND l.mode OPERATOR(pg_catalog.=) 'ShareUpdateExclusiveLock')) \
			ORDER BY 1""";

	/** Names that REINDEX gives, with a number where there is one already. */
	private static final Pattern OF_REINDEX = Pattern.compile("_cc(new|old)\\d*\"?$");

	private InvalidIndexes() {
	}

	/**
	 * Lists the invalid indexes that the current role could drop and that nobody is
	 * building now.
	 * @param connection the connection to look through
	 * @return their quoted and qualified names, with a question mark for each control
	 * character
	 * @throws SQLException if the connection is lost
	 */
	public static List<String> list(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(SQL)) {
			List<String> names = new ArrayList<>();
			while (row.next()) {
				names.add(PrintableText.name(row.getString(1)));
			}
			return names;
		}
	}

	/**
	 * Words what they are and what to do about them.
	 * @param names their names, as they are {@link #list listed}
	 * @return the warning
	 */
	public static String warning(List<String> names) {
		String again = names.stream().anyMatch((name) -> OF_REINDEX.matcher(name).find())
				? "; one that a REINDEX CONCURRENTLY has named _ccnew or _ccold is only to be dropped, and after a _ccnew "
						+ "the index itself to be reindexed again"
				: "";
		return "INVALID indexes, which a CREATE INDEX or REINDEX CONCURRENTLY left behind that did not come to its end: "
				+ names + ". They cost writes and serve no reads, and IF NOT EXISTS passes over them. Drop each with "
				+ "DROP INDEX CONCURRENTLY, and create it again" + again;
	}

}
