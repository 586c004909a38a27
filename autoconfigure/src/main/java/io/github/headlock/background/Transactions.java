package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Changes the state of background migrations in short transactions, whatever the
 * database's defaults are, and without waiting for others for long.
 */
final class Transactions {

	private static final String BEGIN = """
			SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '5s'; \
			SET LOCAL statement_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '30s'""";

	private Transactions() {
	}

	/**
	 * Does something in one transaction.
	 * @param connection the connection, in autocommit mode, in which it is left unless it
	 * is lost
	 * @param action what to do
	 * @return what it results in
	 */
	static <T> T run(Connection connection, Action<T> action) throws SQLException {
		connection.setAutoCommit(false);
		try {
			try (Statement statement = connection.createStatement()) {
				statement.execute(BEGIN);
			}
			T result = action.run();
			commit(connection);
			return result;
		}
		catch (SQLException | RuntimeException ex) {
			rollback(connection, ex);
			throw ex;
		}
	}

	/** Ends a transaction in which nothing is to be kept. */
	static void end(Connection connection) throws SQLException {
		connection.rollback();
		connection.setAutoCommit(true);
	}

	/** Ends a transaction that is to be kept. */
	static void commit(Connection connection) throws SQLException {
		connection.commit();
		connection.setAutoCommit(true);
	}

	/** Ends a transaction, if there is one, because something has failed. */
	static void rollback(Connection connection, Exception cause) {
		try {
			if (!connection.isClosed() && !connection.getAutoCommit()) {
				end(connection);
			}
		}
		catch (SQLException ex) {
			cause.addSuppressed(ex);
		}
	}

	/**
	 * What is done in a transaction.
	 *
	 * @param <T> what it results in
	 */
	interface Action<T> {

		T run() throws SQLException;

	}

}
