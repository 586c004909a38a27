package io.github.headlock.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Lends connections of the application to a read for which Flyway's own credentials are
 * refused.
 */
public final class ApplicationConnections {

	/** SQLSTATE of a missing privilege. */
	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	private final Supplier<@Nullable DataSource> application;

	private final HistoryTable table;

	private final String database;

	/**
	 * Creates the connections without opening one.
	 * @param application supplies the application's data source, {@code null} if there is
	 * not exactly one
	 * @param table the history table
	 * @param database name of the database that holds it
	 */
	public ApplicationConnections(Supplier<@Nullable DataSource> application, HistoryTable table, String database) {
		this.application = application;
		this.table = table;
		this.database = database;
	}

	/**
	 * Finds the application's data source.
	 * @param flyway connections of Flyway
	 * @return the data source, empty if there is none but Flyway's
	 */
	public Optional<DataSource> besides(MigrationConnections flyway) {
		return Optional.ofNullable(this.application.get()).filter((found) -> !flyway.areOf(found));
	}

	/**
	 * Takes a connection from a data source for one read of the history table.
	 * @param source the data source
	 * @param readTimeout longest that the read may go without an answer
	 * @return the connection, in autocommit mode, which the caller closes; empty if the
	 * history table cannot be read on it
	 * @throws SQLException if none can be had
	 */
	public Optional<Connection> borrow(DataSource source, Duration readTimeout) throws SQLException {
		Connection connection = MigrationConnections.prepare(source.getConnection(), readTimeout, null);
		try {
			if (isSameDatabase(connection) && mayRead(connection)) {
				return Optional.of(connection);
			}
		}
		catch (SQLException | RuntimeException ex) {
			JdbcUtils.closeConnection(connection);
			throw ex;
		}
		connection.close();
		return Optional.empty();
	}

	private boolean isSameDatabase(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(
				"SELECT pg_catalog.current_database()::pg_catalog.text OPERATOR(pg_catalog.=) ?::pg_catalog.text")) {
			statement.setString(1, this.database);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

	private boolean mayRead(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("/*NO LOAD BALANCE*/ SELECT FROM " + this.table.qualifiedName() + " LIMIT 0");
			return true;
		}
		catch (SQLException ex) {
			// a table that is missing is for the read to tell
			return !INSUFFICIENT_PRIVILEGE.equals(ex.getSQLState());
		}
	}

}
