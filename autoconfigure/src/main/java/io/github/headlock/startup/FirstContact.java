package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.ServerFacts;
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
 * @param waiting bound of the wait for a migration, if that has begun already, because
 * the login of this role was blocked
 */
record FirstContact(Connection connection, Optional<ServerFacts> server, @Nullable FirstLook look,
		Optional<Deadline> waiting) implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(FirstContact.class);

	/**
	 * Reaches the database once, and reads what a start reads first.
	 * @param connections where to get a connection
	 * @param configuration Flyway's configuration
	 * @return the contact, which the caller closes
	 * @throws SQLException if there is no connection, or it is lost
	 */
	static FirstContact open(MigrationConnections connections, Configuration configuration) throws SQLException {
		Connection connection = connections.open();
		try {
			Optional<FirstLook> look = isCalledPostgreSql(connection) ? FirstLook.read(connection, configuration)
					: Optional.empty();
			if (look.isPresent()) {
				return new FirstContact(connection, Optional.of(look.get().server()), look.get(), Optional.empty());
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
			return new FirstContact(connection, facts(connection), null, Optional.empty());
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
	 * Remembers the wait that led to this contact.
	 * @param begun bound of the wait for a migration, {@code null} if none has begun
	 * @return the contact with that wait
	 */
	FirstContact after(@Nullable Deadline begun) {
		return new FirstContact(this.connection, this.server, this.look, Optional.ofNullable(begun));
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
