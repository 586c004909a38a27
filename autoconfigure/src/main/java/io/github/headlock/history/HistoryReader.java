package io.github.headlock.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import io.github.headlock.jdbc.ServerFacts;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the history table with one statement.
 */
public final class HistoryReader {

	/** There is no such table, or no such schema. */
	private static final Set<String> MISSING = Set.of("42P01", "3F000");

	/** As Flyway's {@code PostgreSQLSchema}: what an extension brings does not count. */
	private static final String IS_USED = String.format(Locale.ROOT, """
			/*NO LOAD BALANCE*/ SELECT EXISTS (SELECT FROM pg_catalog.pg_class c \
			WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid \
			AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v', 'S', 't']::pg_catalog."char"[]) AND %1$s) \
			OR EXISTS (SELECT FROM pg_catalog.pg_proc c WHERE c.pronamespace OPERATOR(pg_catalog.=) n.oid AND %1$s) \
			OR EXISTS (SELECT FROM pg_catalog.pg_type c WHERE c.typnamespace OPERATOR(pg_catalog.=) n.oid \
			AND c.typcategory OPERATOR(pg_catalog.<>) ALL (ARRAY['A', 'C']::pg_catalog."char"[]) AND %1$s) \
			FROM pg_catalog.pg_namespace n \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (?::pg_catalog.text[])""", """
			NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid OPERATOR(pg_catalog.=) c.oid \
			AND d.deptype OPERATOR(pg_catalog.=) 'e')""");

	private static final String SAVEPOINT = "headlock_history";

	private static final String[] BACK = { "ROLLBACK TO SAVEPOINT " + SAVEPOINT, "RELEASE SAVEPOINT " + SAVEPOINT };

	private final HistoryTable table;

	private final HistoryQuery query;

	/** Where Flyway looks for objects before it writes a baseline. */
	private final List<String> managedSchemas;

	/** What Flyway takes a used schema for; {@code null} if it refuses it. */
	private final @Nullable MigrationVersion baselineOnMigrate;

	/**
	 * Creates a reader.
	 * @param configuration Flyway's configuration
	 * @param table the history table
	 */
	public HistoryReader(Configuration configuration, HistoryTable table) {
		List<String> configured = List.of(configuration.getSchemas());
		this.managedSchemas = configured.isEmpty() ? List.of(table.schema()) : configured;
		this.baselineOnMigrate = configuration.isBaselineOnMigrate() ? configuration.getBaselineVersion() : null;
		this.table = table;
		this.query = HistoryQuery.of(configuration, table);
	}

	/**
	 * Reads the history with one message to the server, and with the locks of that moment
	 * only. A transaction that is open on the connection stays usable.
	 * @param connection the connection to read through
	 * @return the history
	 * @throws SQLException if reading it could run the code of others, the database
	 * refuses or the connection is lost
	 */
	public History read(Connection connection) throws SQLException {
		try {
			return connection.getAutoCommit() ? readAlone(connection) : readWithin(connection);
		}
		catch (SQLException ex) {
			return afterRefusal(ex, connection);
		}
	}

	/**
	 * Finds out why a read was refused, alone or in a message.
	 * @param refusal what the database has said
	 * @param connection the connection it has said it on
	 * @return no history, if there is none
	 * @throws SQLException the refusal, or what is behind it in words
	 */
	public History afterRefusal(SQLException refusal, Connection connection) throws SQLException {
		if (isMissing(refusal)) {
			return History.none(ServerFacts.isStandby(connection));
		}
		if (ReadabilityCheck.CHECK_FAILED.equals(refusal.getSQLState())) {
			throw new SQLException(ReadabilityCheck.reason(connection, this.table), refusal.getSQLState(), refusal);
		}
		throw refusal;
	}

	/**
	 * Adds the read to a message that is sent in a transaction of its own. The message
	 * fails where {@link #read} fails, and where there is no history table.
	 * @param message the message
	 * @return the history, once the message has run
	 */
	public Result<History> addTo(MultiStatement message) {
		return this.query.addTo(message);
	}

	/**
	 * Adds the question whether there is a history table to a message.
	 * @param message the message
	 * @return whether there is one, once the message has run
	 */
	public Result<Boolean> addExistsTo(MultiStatement message) {
		return HistorySnapshot.addExistsTo(message, this.table);
	}

	/**
	 * Returns whether a read was refused because there is no history table.
	 * @param refusal what the database has said
	 * @return whether there is none
	 */
	public static boolean isMissing(SQLException refusal) {
		return MISSING.contains(String.valueOf(refusal.getSQLState()));
	}

	private History readAlone(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement();
		Result<History> history = this.query.addTo(message);
		message.runReadOnly(connection);
		return history.get();
	}

	/** In the transaction that is open. */
	private History readWithin(Connection connection) throws SQLException {
		MultiStatement message = new MultiStatement().add("SAVEPOINT " + SAVEPOINT);
		Result<History> history = this.query.addTo(message);
		List.of(BACK).forEach(message::add);
		try {
			message.run(connection);
		}
		catch (SQLException ex) {
			goBack(connection, ex);
			throw ex;
		}
		return history.get();
	}

	/**
	 * Finds out what Flyway will take a database without a history for.
	 * @param connection the connection to look through
	 * @return the version of the baseline it will write, {@code null} if it will take it
	 * for empty or refuse it
	 * @throws SQLException if the database refuses or the connection is lost
	 */
	public @Nullable MigrationVersion assumedVersion(Connection connection) throws SQLException {
		if (this.baselineOnMigrate == null) {
			return null;
		}
		boolean used = false;
		try (PreparedStatement statement = connection.prepareStatement(IS_USED)) {
			statement.setArray(1, connection.createArrayOf("text", this.managedSchemas.toArray()));
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					used |= row.getBoolean(1);
				}
			}
		}
		return used ? this.baselineOnMigrate : null;
	}

	/**
	 * Returns whether row level security may hide rows of the history from the role that
	 * reads it.
	 * @param connection the connection to look through
	 * @return {@code false} if the role sees all of them, or there is no history
	 * @throws SQLException if the connection is lost
	 */
	public boolean mayHideRows(Connection connection) throws SQLException {
		return ReadabilityCheck.mayHideRows(connection, this.table);
	}

	private static void goBack(Connection connection, SQLException cause) {
		try (Statement statement = connection.createStatement()) {
			for (String sql : BACK) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			cause.addSuppressed(ex);
		}
	}

}
