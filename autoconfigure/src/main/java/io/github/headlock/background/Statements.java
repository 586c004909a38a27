package io.github.headlock.background;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Executes statements whose parameters are texts, numbers, truth values or lists of
 * texts.
 */
final class Statements {

	/** SQLSTATE of a column that does not fit. */
	private static final String INVALID_COLUMN = "42P10";

	private Statements() {
	}

	/** Executes a query, and reads its rows. */
	static <T> List<T> query(Connection connection, String sql, RowReader<T> reader, @Nullable Object... arguments)
			throws SQLException {
		try (PreparedStatement statement = prepare(connection, sql, arguments);
				ResultSet row = statement.executeQuery()) {
			List<T> rows = new ArrayList<>();
			while (row.next()) {
				rows.add(reader.read(row));
			}
			return rows;
		}
	}

	/** Executes a query of at most one row. */
	static <T> @Nullable T one(Connection connection, String sql, RowReader<T> reader, @Nullable Object... arguments)
			throws SQLException {
		List<T> rows = query(connection, sql, reader, arguments);
		return rows.isEmpty() ? null : rows.get(0);
	}

	/** Executes a query of one truth value. */
	static boolean isTrue(Connection connection, String sql, @Nullable Object... arguments) throws SQLException {
		return Boolean.TRUE.equals(one(connection, sql, (row) -> row.getBoolean(1), arguments));
	}

	/**
	 * Executes a statement without rows.
	 * @return number of rows that were changed, -1 if the statement returns rows
	 */
	static long update(Connection connection, String sql, @Nullable Object... arguments) throws SQLException {
		try (PreparedStatement statement = prepare(connection, sql, arguments)) {
			statement.execute();
			return statement.getLargeUpdateCount();
		}
	}

	private static PreparedStatement prepare(Connection connection, String sql, @Nullable Object... arguments)
			throws SQLException {
		PreparedStatement statement = connection.prepareStatement(sql);
		try {
			for (int i = 0; i < arguments.length; i++) {
				set(statement, i + 1, arguments[i]);
			}
			return statement;
		}
		catch (SQLException | RuntimeException ex) {
			statement.close();
			throw ex;
		}
	}

	private static void set(PreparedStatement statement, int position, @Nullable Object value) throws SQLException {
		if (value == null) {
			statement.setNull(position, Types.NULL);
		}
		else if (value instanceof List<?> list) {
			statement.setArray(position, statement.getConnection().createArrayOf("text", list.toArray()));
		}
		else {
			statement.setObject(position, value);
		}
	}

	/** The key in the first row of a query. */
	static @Nullable List<String> key(Connection connection, Clause query) throws SQLException {
		List<List<String>> keys = keys(connection, query);
		return keys.isEmpty() ? null : keys.get(0);
	}

	/** The keys in the rows of a query. */
	static List<List<String>> keys(Connection connection, Clause query) throws SQLException {
		return query(connection, query.sql(), Statements::key, query.arguments().toArray());
	}

	/**
	 * Reads a key. NOT NULL need not be true of all rows: not where the constraint is not
	 * valid, and not in a table that inherits.
	 */
	private static List<String> key(ResultSet row) throws SQLException {
		List<@Nullable String> key = Arrays.asList((String[]) row.getArray("key").getArray());
		if (key.contains(null)) {
			throw new SQLException(
					"A row has NULL in a column of the key, so that the table cannot be gone along. Give "
							+ "it a value",
					INVALID_COLUMN);
		}
		return List.copyOf(key);
	}

	/**
	 * Reads an array of texts.
	 * @throws IllegalArgumentException if it is something else
	 */
	static @Nullable List<String> texts(ResultSet row, String column) throws SQLException {
		Array array = row.getArray(column);
		if (array == null) {
			return null;
		}
		if (!(array.getArray() instanceof String[] texts) || Arrays.asList(texts).contains(null)) {
			throw new IllegalArgumentException(column + " is " + array + ", and not a list of texts without NULL");
		}
		return List.of(texts);
	}

	/** Reads an array of texts that is not null. */
	static List<String> list(ResultSet row, String column) throws SQLException {
		List<String> texts = texts(row, column);
		return (texts != null) ? texts : List.of();
	}

	/**
	 * Reads a row.
	 *
	 * @param <T> what it is read as
	 */
	interface RowReader<T> {

		T read(ResultSet row) throws SQLException;

	}

}
