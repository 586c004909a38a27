package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

import org.springframework.util.Assert;

/**
 * Sends several statements to the server with one message, so that they cost one round
 * trip. The server executes them one after the other, and none after one that fails. To
 * be built and run once.
 */
public final class MultiStatement {

	private final List<Part<?>> parts = new ArrayList<>();

	/** Creates a message without statements. */
	public MultiStatement() {
	}

	/**
	 * Adds a statement without rows.
	 * @param sql the statement
	 * @return this
	 */
	public MultiStatement add(String sql) {
		this.parts.add(new Part<>(sql, null));
		return this;
	}

	/**
	 * Adds a query.
	 * @param <T> what is read
	 * @param sql the query
	 * @param reader reads the rows
	 * @param parameters its parameters: strings, which may be {@code null}, or lists of
	 * strings for arrays
	 * @return what was read, once this has run
	 */
	public <T> Result<T> query(String sql, RowsReader<T> reader, @Nullable Object... parameters) {
		Part<T> part = new Part<>(sql, reader, parameters);
		this.parts.add(part);
		return part;
	}

	/**
	 * Runs the statements. Where the connection waits for an answer for a limited time
	 * only, the server is asked to give up after half of it, in whole seconds, at least
	 * one: a read that only its client gave up would wait on for a locked table.
	 * @param connection the connection
	 * @throws SQLException if the server refuses one of them or the connection is lost
	 */
	public void run(Connection connection) throws SQLException {
		int networkTimeout = connection.getNetworkTimeout();
		int timeout = (networkTimeout > 0) ? Math.max(1, networkTimeout / 2000) : 0;
		if (describesFirst(connection)) {
			for (Part<?> part : this.parts) {
				run(List.of(part), connection, timeout);
			}
		}
		else {
			run(this.parts, connection, timeout);
		}
	}

	/**
	 * Runs the statements in a transaction of their own that only reads. It is over
	 * afterwards, also if one of them fails.
	 * @param connection the connection, in autocommit mode
	 * @throws SQLException if the server refuses one of them or the connection is lost
	 */
	public void runReadOnly(Connection connection) throws SQLException {
		this.parts.add(0, new Part<>("START TRANSACTION READ ONLY", null));
		add("COMMIT");
		try {
			run(connection);
		}
		catch (SQLException ex) {
			rollBack(connection, ex);
			throw ex;
		}
	}

	private static void rollBack(Connection connection, SQLException cause) {
		try (Statement statement = connection.createStatement()) {
			statement.execute("ROLLBACK");
		}
		catch (SQLException ex) {
			cause.addSuppressed(ex);
		}
	}

	private static void run(List<Part<?>> parts, Connection connection, int seconds) throws SQLException {
		String sql = parts.stream().map((part) -> part.sql).collect(Collectors.joining("; "));
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setQueryTimeout(seconds);
			int parameters = 0;
			for (Part<?> part : parts) {
				parameters = part.setParameters(statement, parameters);
			}
			boolean isResult = statement.execute();
			for (Part<?> part : parts) {
				if (part.reader != null) {
					while (!isResult) {
						isResult = statement.getMoreResults();
						Assert.state(isResult || statement.getUpdateCount() != -1, "A query has no result");
					}
					part.read(statement);
					isResult = statement.getMoreResults();
				}
			}
		}
	}

	/**
	 * With {@code prepareThreshold=-1} the driver has each message described before it
	 * executes it, which works with one statement only.
	 */
	private static boolean describesFirst(Connection connection) throws SQLException {
		return connection.isWrapperFor(PgConnection.class) && connection.unwrap(PgConnection.class).getForceBinary();
	}

	/**
	 * What a query has read.
	 *
	 * @param <T> what it reads
	 */
	public interface Result<T> {

		/**
		 * Returns what was read.
		 * @return what the reader returned
		 * @throws SQLException if the reader has thrown it
		 * @throws IllegalStateException if the query was not run
		 */
		T get() throws SQLException;

	}

	/**
	 * Reads the rows of a query.
	 *
	 * @param <T> what it reads
	 */
	@FunctionalInterface
	public interface RowsReader<T> {

		/**
		 * Reads.
		 * @param rows the rows, before the first
		 * @return what was read
		 * @throws SQLException if the connection is lost, or what is read is not what was
		 * expected
		 */
		T read(ResultSet rows) throws SQLException;

	}

	/** One of the statements. */
	private static final class Part<T> implements Result<T> {

		private final String sql;

		/** Null for a statement without rows. */
		private final @Nullable RowsReader<T> reader;

		private final @Nullable Object[] parameters;

		private @Nullable T value;

		private @Nullable SQLException failure;

		Part(String sql, @Nullable RowsReader<T> reader, @Nullable Object... parameters) {
			this.sql = sql;
			this.reader = reader;
			this.parameters = parameters;
		}

		int setParameters(PreparedStatement statement, int before) throws SQLException {
			int index = before;
			for (Object parameter : this.parameters) {
				index++;
				if (parameter instanceof List<?> list) {
					statement.setArray(index, statement.getConnection().createArrayOf("text", list.toArray()));
				}
				else {
					statement.setString(index, (String) parameter);
				}
			}
			return index;
		}

		void read(PreparedStatement statement) throws SQLException {
			if (this.reader != null) {
				try (ResultSet rows = statement.getResultSet()) {
					this.value = this.reader.read(rows);
				}
				catch (SQLException ex) {
					// no failure of the statements, which have all been executed
					this.failure = ex;
				}
			}
		}

		@Override
		public T get() throws SQLException {
			if (this.failure != null) {
				throw this.failure;
			}
			if (this.value == null) {
				throw new IllegalStateException("Not run");
			}
			return this.value;
		}

	}

}
