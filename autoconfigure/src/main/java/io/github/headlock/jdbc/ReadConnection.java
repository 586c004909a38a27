package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;

import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Prepares connections for Headlock's own reads: autocommit mode, a bound for each read,
 * and Flyway's initial SQL. Closing one gives it back as it was.
 */
public final class ReadConnection {

	private static final Logger logger = LoggerFactory.getLogger(ReadConnection.class);

	/** Longest that a short statement may go without an answer. */
	private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

	private ReadConnection() {
	}

	/**
	 * Prepares a connection of a data source. No read on it blocks for longer than 10
	 * seconds.
	 * @param given the connection, which is closed if that fails
	 * @param initSql SQL to run on it, {@code null} for none
	 * @return the connection
	 * @throws SQLException if it is lost, or the SQL is wrong
	 */
	static Connection of(Connection given, @Nullable String initSql) throws SQLException {
		Connection connection = restored(given);
		try {
			prepare(connection, READ_TIMEOUT, initSql);
			return connection;
		}
		catch (SQLException | RuntimeException ex) {
			JdbcUtils.closeConnection(connection);
			throw ex;
		}
	}

	/**
	 * Lends a connection that stays its owner's.
	 * @param connection the connection, which must not be used meanwhile
	 * @return the same connection, in autocommit mode, on which no read blocks for longer
	 * than 10 seconds; closing gives it back as it was, and open
	 * @throws SQLException if it is lost
	 */
	public static Connection lent(Connection connection) throws SQLException {
		return of(new SingleConnectionDataSource(connection, true).getConnection(), null);
	}

	/**
	 * Takes a connection that is to be given back as it is now. Also gets the connection
	 * behind a proxy that takes one at its first use, without a statement.
	 * @param given the connection, which is closed if that fails
	 * @return the connection
	 * @throws SQLException if there is none behind the proxy, or it is lost
	 */
	public static Connection restored(Connection given) throws SQLException {
		try {
			return RestoredConnection.of(given);
		}
		catch (SQLException | RuntimeException ex) {
			JdbcUtils.closeConnection(given);
			throw ex;
		}
	}

	/**
	 * Prepares a connection for reads.
	 * @param connection the connection, which is in autocommit mode then
	 * @param readTimeout longest that a read may go without an answer, at least 1 ms
	 * @param initSql SQL to run on it, {@code null} for none
	 * @throws SQLException if it is lost, or the SQL is wrong
	 */
	public static void prepare(Connection connection, Duration readTimeout, @Nullable String initSql)
			throws SQLException {
		limitReads(connection, readTimeout);
		connection.setAutoCommit(true);
		if (initSql != null) {
			run(connection, initSql);
		}
	}

	private static void limitReads(Connection connection, Duration timeout) throws SQLException {
		try {
			connection.setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis()));
		}
		catch (SQLFeatureNotSupportedException ex) {
			logger.debug("The driver of another database knows no network timeout", ex);
		}
	}

	private static void run(Connection connection, String initSql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(initSql);
		}
		catch (SQLException ex) {
			throw new SQLException("spring.flyway.init-sqls: " + PrintableText.line(ex.getMessage()), ex.getSQLState(),
					ex);
		}
	}

}
