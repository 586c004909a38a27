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

/**
 * Reaches the database for the first time. A server that is there but crowded or still
 * starting is asked again until {@code headlock.lock.timeout}; one that cannot be reached
 * only as often as {@code spring.flyway.connect-retries} says.
 */
final class FirstContact {

	private static final Logger logger = LoggerFactory.getLogger(FirstContact.class);

	private final MigrationConnections connections;

	private final MigrationSettings settings;

	private final int connectRetries;

	private final Stopwatch stopwatch = new Stopwatch();

	FirstContact(MigrationConnections connections, MigrationSettings settings, int connectRetries) {
		this.connections = connections;
		this.settings = settings;
		this.connectRetries = connectRetries;
	}

	/**
	 * Reads the facts of the server.
	 * @return the facts, empty if it is not PostgreSQL
	 * @throws DatabaseUnavailableException if it cannot be reached
	 */
	Optional<ServerFacts> read() {
		for (int failures = 0;; failures++) {
			try (Connection connection = this.connections.open()) {
				if (!connection.getMetaData().getDatabaseProductName().startsWith("PostgreSQL")) {
					return Optional.empty();
				}
				return Optional.of(ServerFacts.read(connection)).filter(ServerFacts::isPostgreSql);
			}
			catch (SQLException ex) {
				if (!isWorthAnotherTry(ex, failures)) {
					throw new DatabaseUnavailableException(this.connections.toString(),
							"The database cannot be reached", ex);
				}
				if (failures == 0) {
					logger.warn("The database at {} takes no connection yet, trying again: {}", this.connections,
							ex.getMessage());
				}
			}
			Duration remaining = this.settings.lockTimeout().minus(this.stopwatch.elapsed());
			Pause.around(this.settings.pollInterval(), remaining, "waiting for the database at " + this.connections);
		}
	}

	private boolean isWorthAnotherTry(SQLException exception, int failures) {
		if (this.stopwatch.elapsed().compareTo(this.settings.lockTimeout()) >= 0) {
			return false;
		}
		return ConnectionFailure.isCrowded(exception)
				|| (ConnectionFailure.is(exception) && failures < this.connectRetries);
	}

}
