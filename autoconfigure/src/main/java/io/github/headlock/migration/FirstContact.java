package io.github.headlock.migration;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import io.github.headlock.DatabaseUnavailableException;
import io.github.headlock.database.ConnectionFailure;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.database.ServerFacts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Holds the first connection of a start, and what the server told about itself.
 *
 * @param connection the connection, in autocommit mode
 * @param server the facts, empty if it is not PostgreSQL
 */
record FirstContact(Connection connection, Optional<ServerFacts> server) implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(FirstContact.class);

	/**
	 * Reaches the database. A server that is there but crowded or still starting is asked
	 * again until {@code headlock.lock.timeout}; one that cannot be reached only as often
	 * as {@code spring.flyway.connect-retries} says.
	 * @param connections where to get a connection
	 * @param settings the bounds
	 * @param connectRetries tries after the first one
	 * @return the contact, which the caller closes
	 * @throws DatabaseUnavailableException if it cannot be reached
	 */
	static FirstContact make(MigrationConnections connections, MigrationSettings settings, int connectRetries) {
		Stopwatch stopwatch = new Stopwatch();
		for (int failures = 0;; failures++) {
			try {
				return open(connections);
			}
			catch (SQLException ex) {
				boolean timeIsLeft = stopwatch.elapsed().compareTo(settings.lockTimeout()) < 0;
				boolean worthAnotherTry = ConnectionFailure.isCrowded(ex)
						|| (ConnectionFailure.is(ex) && failures < connectRetries);
				if (!timeIsLeft || !worthAnotherTry) {
					throw new DatabaseUnavailableException(connections.toString(), "The database cannot be reached",
							ex);
				}
				if (failures == 0) {
					logger.warn("The database at {} takes no connection yet, trying again: {}", connections,
							ex.getMessage());
				}
			}
			Duration remaining = settings.lockTimeout().minus(stopwatch.elapsed());
			Pause.around(settings.pollInterval(), remaining, "waiting for the database at " + connections);
		}
	}

	private static FirstContact open(MigrationConnections connections) throws SQLException {
		Connection connection = connections.open();
		try {
			return new FirstContact(connection, facts(connection));
		}
		catch (SQLException | RuntimeException ex) {
			JdbcUtils.closeConnection(connection);
			throw ex;
		}
	}

	private static Optional<ServerFacts> facts(Connection connection) throws SQLException {
		if (!connection.getMetaData().getDatabaseProductName().startsWith("PostgreSQL")) {
			return Optional.empty();
		}
		return Optional.of(ServerFacts.read(connection)).filter(ServerFacts::isPostgreSql);
	}

	@Override
	public void close() {
		JdbcUtils.closeConnection(this.connection);
	}

}
