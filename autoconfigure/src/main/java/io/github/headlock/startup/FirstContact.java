package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Holds the first connection of a start, and what was read over it.
 *
 * @param connection the connection, in autocommit mode
 * @param server the facts of the server, empty if it is not PostgreSQL
 * @param look the rest of what a start reads first, {@code null} if that failed
 */
record FirstContact(Connection connection, Optional<ServerFacts> server,
		@Nullable FirstLook look) implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(FirstContact.class);

	/**
	 * Reaches the database. One that is there but crowded or still starting, or that has
	 * no primary at the moment, is asked again until the deadline. Any other failure is
	 * answered as the application's pool and Flyway would, and no longer: the pool asks
	 * again for as long as it is set to, at each of Flyway's connect retries, with
	 * Flyway's pauses between them: 1, 2, 4 seconds and so on.
	 * @param connections where to get a connection
	 * @param configuration Flyway's configuration
	 * @param pollInterval mean pause between two requests to a crowded server
	 * @param deadline bound of the wait for a crowded server
	 * @return the contact, which the caller closes
	 * @throws DatabaseUnavailableException if it cannot be reached
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	static FirstContact make(MigrationConnections connections, Configuration configuration, Duration pollInterval,
			Deadline deadline) {
		try (Backoff backoff = new Backoff("waiting for the database at " + connections)) {
			boolean warned = false;
			int failures = 0;
			Deadline pool = Deadline.in(connections.poolPatience());
			while (true) {
				try {
					return open(connections, configuration);
				}
				catch (SQLException ex) {
					backoff.throwIfInterrupted(ex);
					boolean crowded = ConnectionFailure.of(ex) == ConnectionFailure.NOT_NOW && !deadline.isOver();
					boolean retry = failures < configuration.getConnectRetries();
					if (!crowded && pool.isOver() && !retry) {
						throw unavailable(connections, ex);
					}
					if (!warned) {
						warned = true;
						logger.warn("The database at {} takes no connection yet, trying again: {}", connections,
								RootCause.explain(ex));
					}
					if (crowded || !pool.isOver()) {
						backoff.sleepWithJitter(pollInterval, (crowded ? deadline : pool).remaining());
					}
					else {
						backoff.sleep(Duration.ofSeconds(
								Math.min(1L << Math.min(failures, 30), configuration.getConnectRetriesInterval())));
						failures++;
						pool = Deadline.in(connections.poolPatience());
					}
				}
			}
		}
	}

	private static DatabaseUnavailableException unavailable(MigrationConnections connections, SQLException failure) {
		String what = (ConnectionFailure.of(failure) == ConnectionFailure.PERMANENT) ? "The database cannot be used"
				: "The database cannot be reached";
		return new DatabaseUnavailableException(connections.toString(), what, failure);
	}

	private static FirstContact open(MigrationConnections connections, Configuration configuration)
			throws SQLException {
		Connection connection = connections.open();
		try {
			Optional<FirstLook> look = isCalledPostgreSql(connection) ? FirstLook.read(connection, configuration)
					: Optional.empty();
			if (look.isPresent()) {
				return new FirstContact(connection, Optional.of(look.get().server()), look.get());
			}
		}
		catch (SQLException ex) {
			// a pooler ends a connection for what it does not let pass
			logger.debug("The first connection was lost", ex);
			JdbcUtils.closeConnection(connection);
			return withFacts(connections.open());
		}
		catch (RuntimeException ex) {
			JdbcUtils.closeConnection(connection);
			throw ex;
		}
		return withFacts(connection);
	}

	private static FirstContact withFacts(Connection connection) throws SQLException {
		try {
			return new FirstContact(connection, facts(connection), null);
		}
		catch (SQLException | RuntimeException ex) {
			JdbcUtils.closeConnection(connection);
			throw ex;
		}
	}

	private static boolean isCalledPostgreSql(Connection connection) throws SQLException {
		return connection.getMetaData().getDatabaseProductName().startsWith("PostgreSQL");
	}

	private static Optional<ServerFacts> facts(Connection connection) throws SQLException {
		if (!isCalledPostgreSql(connection)) {
			return Optional.empty();
		}
		try {
			return Optional.of(ServerFacts.read(connection)).filter(ServerFacts::isPostgreSql);
		}
		catch (SQLException ex) {
			if (isOtherDatabase(connection, ex)) {
				return Optional.empty();
			}
			throw ex;
		}
	}

	/** Another database may lack what PostgreSQL is asked for. */
	private static boolean isOtherDatabase(Connection connection, SQLException failure) {
		try {
			return !ConnectionFailure.mayPass(failure) && ServerFacts.isOtherDatabase(connection);
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
			return false;
		}
	}

	/**
	 * Returns the connection.
	 * @return the connection, empty if it is closed
	 */
	Optional<Connection> openConnection() {
		try {
			return this.connection.isClosed() ? Optional.empty() : Optional.of(this.connection);
		}
		catch (SQLException ex) {
			return Optional.empty();
		}
	}

	/** Gives up the connection as soon as it is not needed any more. */
	void endConnection() {
		JdbcUtils.closeConnection(this.connection);
	}

	@Override
	public void close() {
		endConnection();
	}

}
