package io.github.headlock.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection on which another thread may wait for a statement.
 */
public final class ConnectionAbort {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionAbort.class);

	private ConnectionAbort() {
	}

	/**
	 * Has the server cancel what runs on a connection, and ends the connection, so that
	 * nothing is begun on it any more. May be called on any thread. Does not fail.
	 * @param connection the connection, which is still to be closed
	 */
	public static void run(Connection connection) {
		try {
			connection.unwrap(PGConnection.class).cancelQuery();
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("No cancel request can be sent to the server", ex);
		}
		try {
			connection.abort(Runnable::run);
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("A connection that was to be ended was gone already", ex);
		}
	}

}
