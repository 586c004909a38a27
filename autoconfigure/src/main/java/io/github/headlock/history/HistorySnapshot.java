package io.github.headlock.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * Marks how far a history table has got, to see whether it moves.
 *
 * @param rows number of rows
 * @param successes number of rows that succeeded
 * @param lastRank highest rank, zero if there is none
 */
public record HistorySnapshot(long rows, long successes, int lastRank) {

	/** What an empty table has, and one that does not exist yet. */
	public static final HistorySnapshot NONE = new HistorySnapshot(0, 0, 0);

	private static final String SQL = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE "success"), \
			coalesce(pg_catalog.max("installed_rank"), 0) FROM %s""";

	/**
	 * Reads the mark.
	 * @param connection the connection to read through
	 * @param table the history table, which exists
	 * @return the mark
	 * @throws SQLException if the database refuses or the connection is lost
	 */
	public static HistorySnapshot read(Connection connection, HistoryTable table) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(String.format(Locale.ROOT, SQL, table.qualifiedName()))) {
			row.next();
			return new HistorySnapshot(row.getLong(1), row.getLong(2), row.getInt(3));
		}
	}

	/**
	 * Returns what the mark is after as many migrations of this process's own, each
	 * recorded on its own.
	 * @param migrations number of migrations
	 * @return the mark
	 */
	public HistorySnapshot plus(int migrations) {
		return new HistorySnapshot(this.rows + migrations, this.successes + migrations, this.lastRank + migrations);
	}

	/**
	 * Returns whether there is a table to read. An error would end the transaction, and
	 * the lock with it.
	 * @param connection the connection to read through
	 * @param table the history table
	 * @return whether it exists
	 * @throws SQLException if the connection is lost
	 */
	public static boolean exists(Connection connection, HistoryTable table) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("/*NO LOAD BALANCE*/ SELECT pg_catalog.to_regclass(?::pg_catalog.text) IS NOT NULL")) {
			statement.setString(1, table.qualifiedName());
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

}
