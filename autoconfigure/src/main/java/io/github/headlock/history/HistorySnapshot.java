package io.github.headlock.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;

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

	private static final String COLUMNS = """
			pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE "success"), \
			coalesce(pg_catalog.max("installed_rank"), 0)""";

	/**
	 * Looked up in the catalog's table. {@code to_regclass} would go on not to find a
	 * table that another session creates while the transaction is open.
	 */
	private static final String EXISTS = """
			/*NO LOAD BALANCE*/ SELECT EXISTS (SELECT FROM pg_catalog.pg_class c \
			JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text)""";

	/**
	 * Reads the mark.
	 * @param connection the connection to read through
	 * @param table the history table, which exists
	 * @return the mark
	 * @throws SQLException if the database refuses or the connection is lost
	 */
	public static HistorySnapshot read(Connection connection, HistoryTable table) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(query(table, "NULL"))) {
			row.next();
			return of(row);
		}
	}

	/**
	 * Returns the statement that reads the mark, to be sent together with others.
	 * @param table the history table, which exists
	 * @param fourth SQL expression of a fourth column
	 * @return the statement
	 */
	public static String query(HistoryTable table, String fourth) {
		return String.format(Locale.ROOT, "/*NO LOAD BALANCE*/ SELECT %s, %s FROM %s", COLUMNS, fourth,
				table.qualifiedName());
	}

	/**
	 * Takes the mark from what the statement has read.
	 * @param row the current row
	 * @return the mark
	 * @throws SQLException if the connection is lost
	 */
	public static HistorySnapshot of(ResultSet row) throws SQLException {
		return new HistorySnapshot(row.getLong(1), row.getLong(2), row.getInt(3));
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

	static Result<Boolean> addExistsTo(MultiStatement message, HistoryTable table) {
		return message.query(EXISTS, (row) -> row.next() && row.getBoolean(1), table.schema(), table.table());
	}

	/**
	 * Returns whether there is a table to read now. An error would end the transaction,
	 * and the lock with it.
	 * @param connection the connection to read through
	 * @param table the history table
	 * @return whether it exists
	 * @throws SQLException if the connection is lost
	 */
	public static boolean exists(Connection connection, HistoryTable table) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(EXISTS)) {
			statement.setString(1, table.schema());
			statement.setString(2, table.table());
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

}
