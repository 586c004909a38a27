package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

import io.github.headlock.history.History;
import io.github.headlock.history.HistoryQuery;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.roles.RoleLockouts;
import org.flywaydb.core.api.configuration.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what a start reads first, with one message to the server: enough to go on if the
 * schema is at head.
 *
 * @param server the facts of the server
 * @param history the history
 * @param rolesRecorded whether there is a record of blocked roles, which may be empty
 */
record FirstLook(ServerFacts server, History history, boolean rolesRecorded) {

	private static final Logger logger = LoggerFactory.getLogger(FirstLook.class);

	/**
	 * Leaves one schema in the search path, for this transaction: the configured one, or
	 * that which unqualified names go to. So the table is read without knowing its schema
	 * yet, and none of that name further down the search path.
	 */
	private static final String ONE_SCHEMA = """
			SELECT pg_catalog.set_config('search_path', pg_catalog.concat(pg_catalog.quote_ident(\
			coalesce(?::pg_catalog.text, pg_catalog.current_schema()::pg_catalog.text)), ', pg_temp'), true)""";

	/** A role may lack the privilege to ask for the server's identifier. */
	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	/**
	 * Reads it.
	 * @param connection a connection in autocommit mode
	 * @param configuration Flyway's configuration
	 * @return what was read; empty if there is no history yet or it may not be read, it
	 * is not PostgreSQL, or it takes more than one message
	 * @throws SQLException if the connection is lost
	 */
	static Optional<FirstLook> read(Connection connection, Configuration configuration) throws SQLException {
		try {
			return read(connection, configuration, true);
		}
		catch (SQLException ex) {
			throwIfLost(connection, ex);
			if (!INSUFFICIENT_PRIVILEGE.equals(ex.getSQLState())) {
				return Optional.empty();
			}
		}
		try {
			return read(connection, configuration, false);
		}
		catch (SQLException ex) {
			throwIfLost(connection, ex);
			return Optional.empty();
		}
	}

	private static Optional<FirstLook> read(Connection connection, Configuration configuration, boolean withIdentifier)
			throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<ServerFacts> server = ServerFacts.addTo(message, withIdentifier);
		message.query(ONE_SCHEMA, (row) -> row.next(), HistoryTable.schemaOf(configuration));
		Result<History> history = HistoryQuery.inCurrentSchema(configuration).addTo(message);
		Optional<Result<Boolean>> recorded = RoleLockouts.recordedInCurrentSchema(message, configuration.getTable());
		if (recorded.isEmpty()) {
			return Optional.empty();
		}
		message.runReadOnly(connection);
		FirstLook look = new FirstLook(server.get(), history.get(), recorded.get().get());
		return look.server().isPostgreSql() ? Optional.of(look) : Optional.empty();
	}

	/** What the server has refused is found again by the reads that are made alone. */
	private static void throwIfLost(Connection connection, SQLException failure) throws SQLException {
		if (ConnectionFailure.mayPass(failure) || connection.isClosed()) {
			throw failure;
		}
		logger.debug("What a start reads first cannot be read with one message", failure);
	}

}
