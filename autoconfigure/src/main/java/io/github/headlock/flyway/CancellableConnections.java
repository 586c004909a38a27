package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.headlock.jdbc.ConnectionAbort;
import org.flywaydb.core.api.FlywayException;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Holds the connections of a run of Flyway, to end what runs on them. Thread-safe.
 */
final class CancellableConnections {

	/** SQLSTATE of a connection that has failed. */
	private static final String CONNECTION_FAILURE = "08006";

	private final Set<Connection> open = ConcurrentHashMap.newKeySet();

	private volatile boolean cancelled;

	/**
	 * Adds a connection.
	 * @param connection the connection, which is closed if all were cancelled
	 * @throws FlywayException if all were cancelled
	 */
	void add(Connection connection) {
		this.open.removeIf(CancellableConnections::isClosed);
		this.open.add(connection);
		if (this.cancelled) {
			JdbcUtils.closeConnection(connection);
			throw cancellation();
		}
	}

	/**
	 * Makes sure that nothing is begun after the cancellation.
	 * @throws FlywayException if all were cancelled
	 */
	void ensureNotCancelled() {
		if (this.cancelled) {
			throw cancellation();
		}
	}

	/**
	 * Cancels what runs on the connections, and ends them, so that nothing is recorded
	 * any more, not even a failure. No further one is given. May be called on any thread.
	 */
	void cancel() {
		this.cancelled = true;
		for (Connection connection : this.open) {
			ConnectionAbort.run(connection);
			JdbcUtils.closeConnection(connection);
		}
	}

	/** No SQLException alone, after which Flyway might ask again. */
	private static FlywayException cancellation() {
		String message = "The migration was cancelled";
		return new FlywayException(message, new SQLException(message, CONNECTION_FAILURE));
	}

	private static boolean isClosed(Connection connection) {
		try {
			return connection.isClosed();
		}
		catch (SQLException ex) {
			return true;
		}
	}

}
