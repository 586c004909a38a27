package io.github.headlock.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.ReadConnection;
import io.github.headlock.jdbc.ServerFacts;
import org.jspecify.annotations.Nullable;

/**
 * Lends connections of the application to a read for which Flyway's own credentials are
 * refused.
 */
public final class ApplicationConnections {

	/**
	 * Whether this is the database, on the same server or a standby of it, and the role
	 * may read the table. Without touching the table, which may be something else.
	 */
	private static final String MAY_READ = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.current_database() OPERATOR(pg_catalog.=) wanted.database \
			AND (SELECT control.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() AS control) \
			OPERATOR(pg_catalog.=) wanted.system AND coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE') \
			AND coalesce(pg_catalog.has_table_privilege(c.oid, 'SELECT'), true), true) \
			FROM (SELECT ?::pg_catalog.text AS schema, ?::pg_catalog.text AS name, ?::pg_catalog.text AS database, \
			?::pg_catalog.text AS system) AS wanted \
			LEFT JOIN pg_catalog.pg_namespace n ON n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) wanted.schema \
			LEFT JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid \
			AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) wanted.name""";

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	private final Supplier<@Nullable DataSource> application;

	private final HistoryTable table;

	private final ServerFacts server;

	/**
	 * Creates the connections without opening one.
	 * @param application supplies the application's data source, {@code null} if there is
	 * not exactly one
	 * @param table the history table
	 * @param server the server and the database that hold it
	 */
	public ApplicationConnections(Supplier<@Nullable DataSource> application, HistoryTable table, ServerFacts server) {
		this.application = application;
		this.table = table;
		this.server = server;
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
	 * Returns whether another thread may get other connections, or none.
	 * @return {@code false} if there is no data source of the application, or it is known
	 * to treat all threads alike
	 */
	public boolean mayBeBoundToThread() {
		DataSource source = this.application.get();
		return source != null && MigrationConnections.mayBeBoundToThread(source);
	}

	/**
	 * Takes a connection from a data source for one read of the history table. Nothing is
	 * executed on it before it is prepared.
	 * @param source the data source
	 * @return the connection, which the caller prepares and closes
	 * @throws SQLException if none can be had
	 */
	public Connection borrow(DataSource source) throws SQLException {
		return ReadConnection.restored(source.getConnection());
	}

	/**
	 * Prepares a connection that was borrowed for its read.
	 * @param borrowed the connection, which is in autocommit mode then
	 * @param readTimeout longest that the read may go without an answer, at least 1 ms
	 * @return whether the history table can be read on it; a table that is missing is for
	 * the read to tell
	 * @throws SQLException if it is lost
	 */
	public boolean prepare(Connection borrowed, Duration readTimeout) throws SQLException {
		ReadConnection.prepare(borrowed, readTimeout, null);
		return mayRead(borrowed);
	}

	private boolean mayRead(Connection connection) throws SQLException {
		if (this.server.systemIdentifier() == null) {
			return false;
		}
		try (PreparedStatement statement = connection.prepareStatement(MAY_READ)) {
			statement.setString(1, this.table.schema());
			statement.setString(2, this.table.table());
			statement.setString(3, this.server.database());
			statement.setString(4, this.server.systemIdentifier());
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
		catch (SQLException ex) {
			if (INSUFFICIENT_PRIVILEGE.equals(ex.getSQLState())) {
				return false;
			}
			throw ex;
		}
	}

}
