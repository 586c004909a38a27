package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.headlock.jdbc.ConnectionAbort;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.waiting.Registration;
import io.github.headlock.waiting.ShutdownCancellation;
import io.github.headlock.waiting.StartInterruptedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the gate its connections beside that of the lock, and ends what runs on them when
 * the JVM is told to end.
 *
 * @param connections connections of the role that migrates
 * @param shutdown tells when the JVM is told to end
 */
record GateConnections(MigrationConnections connections, ShutdownCancellation shutdown) {

	private static final Logger logger = LoggerFactory.getLogger(GateConnections.class);

	/**
	 * Does something that a start waits for.
	 * @param lock the migration lock
	 * @param meanwhile what the start is doing, in words
	 * @param action what to do
	 * @return what it results in
	 * @throws StartInterruptedException if the JVM was told to end
	 * @throws io.github.headlock.lock.LockLostException if the lock was lost
	 * @throws DatabaseUnavailableException if the connection was, or the database refuses
	 */
	<T> T run(HeldLock lock, String meanwhile, Action<T> action) {
		try (Connection connection = open()) {
			Registration cancellation = this.shutdown.cancelling(() -> ConnectionAbort.run(connection));
			try {
				return action.run(connection);
			}
			finally {
				cancellation.close();
			}
		}
		catch (SQLException ex) {
			if (this.shutdown.hasBegun()) {
				throw StartInterruptedException.byShutdown(meanwhile, ex);
			}
			lock.ensureHeld();
			throw new DatabaseUnavailableException(this.connections.toString(),
					"The state of the background migrations that this release requires cannot be read", ex);
		}
	}

	/**
	 * Does something that a start can do without, also when the JVM was told to end.
	 * @param problem what the log says if it fails
	 * @param attempt what to do
	 */
	void tryTo(String problem, Attempt attempt) {
		boolean interrupted = Thread.interrupted();
		try (Connection connection = open()) {
			attempt.run(connection);
		}
		catch (SQLException | RuntimeException ex) {
			logger.warn("{}: {}", problem, RootCause.describe(ex));
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private Connection open() throws SQLException {
		Connection connection = this.connections.open();
		BackgroundConnection.prepare(connection);
		return connection;
	}

	/**
	 * What is done with a connection.
	 *
	 * @param <T> what it results in
	 */
	interface Action<T> {

		T run(Connection connection) throws SQLException;

	}

	/**
	 * What may fail.
	 */
	interface Attempt {

		void run(Connection connection) throws SQLException;

	}

}
