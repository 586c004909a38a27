package io.github.headlock.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds what a {@code CREATE INDEX CONCURRENTLY} leaves behind that did not come to its
 * end: an index that is kept up to date but never used.
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
			/*NO LOAD BALANCE*/ SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_index i \
			JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
			WHERE NOT i.indisvalid AND c.relkind = 'i' AND pg_catalog.pg_has_role(c.relowner, 'USAGE') \
			AND n.nspname NOT LIKE 'pg\\_%' \
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid \
			OR p.index_relid IS NULL AND EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid = p.pid \
			AND l.database = p.datid AND l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock')) \
			ORDER BY 1""";

	private InvalidIndexes() {
	}

	/**
	 * Lists the invalid indexes that the current role could drop and that nobody is
	 * building now.
	 * @param connection the connection to look through
	 * @return their quoted and qualified names
	 * @throws SQLException if the connection is lost
	 */
	public static List<String> list(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(SQL)) {
			List<String> names = new ArrayList<>();
			while (row.next()) {
				names.add(row.getString(1));
			}
			return names;
		}
	}

}
