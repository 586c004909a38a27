package io.github.headlock.head;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.headlock.database.HistoryTable;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Reads the history table with one statement.
 */
final class HistoryReader {

	/** There is no such table, or no such schema. */
	private static final Set<String> MISSING = Set.of("42P01", "3F000");

	/** As Flyway's {@code PostgreSQLSchema}: what an extension brings does not count. */
	private static final String IS_USED = """
			/*NO LOAD BALANCE*/ SELECT EXISTS (SELECT FROM pg_catalog.pg_class c \
			WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid \
			AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v', 'S', 't']::"char"[]) AND %1$s) \
			OR EXISTS (SELECT FROM pg_catalog.pg_proc c WHERE c.pronamespace OPERATOR(pg_catalog.=) n.oid AND %1$s) \
			OR EXISTS (SELECT FROM pg_catalog.pg_type c WHERE c.typnamespace OPERATOR(pg_catalog.=) n.oid \
			AND c.typcategory OPERATOR(pg_catalog.<>) ALL (ARRAY['A', 'C']::"char"[]) AND %1$s) \
			FROM pg_catalog.pg_namespace n \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (?::pg_catalog.text[])""".formatted("""
			NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid OPERATOR(pg_catalog.=) c.oid \
			AND d.deptype OPERATOR(pg_catalog.=) 'e')""");

	private static final String SAVEPOINT = "headlock_history";

	private final HistoryTable table;

	private final String sql;

	private final MigrationTypes types;

	/** Where Flyway looks for objects before it writes a baseline. */
	private final List<String> managedSchemas;

	/** What Flyway takes a used schema for; {@code null} if it refuses it. */
	private final @Nullable MigrationVersion baselineOnMigrate;

	/** Schemas that Flyway would create if they did not exist; without repetitions. */
	private final List<String> schemas;

	HistoryReader(Configuration configuration, HistoryTable table) {
		this.types = MigrationTypes.of(configuration);
		List<String> configured = List.of(configuration.getSchemas());
		this.managedSchemas = configured.isEmpty() ? List.of(table.schema()) : configured;
		this.baselineOnMigrate = configuration.isBaselineOnMigrate() ? configuration.getBaselineVersion() : null;
		this.schemas = configuration.isCreateSchemas()
				? List.of(configuration.getSchemas()).stream().distinct().toList() : List.of();
		this.table = table;
		// Locked, so that the table that was checked is the one that is read. The
		// comment keeps pgpool-II from asking a standby, which may lag behind.
		this.sql = """
				LOCK TABLE %1$s IN ACCESS SHARE MODE; %2$s; \
				/*NO LOAD BALANCE*/ SELECT schemas.found, h."installed_rank", h."version", h."description", h."type", \
				h."script", h."checksum", h."success", h."installed_by" \
				FROM (SELECT pg_catalog.count(*) AS found FROM pg_catalog.pg_namespace n \
				WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (?::pg_catalog.text[])) AS schemas \
				LEFT JOIN %1$s AS h ON true ORDER BY h."installed_rank\"""".formatted(table.qualifiedName(),
				ReadableTable.CHECK);
	}

	/**
	 * Reads the history with one message to the server, and with the locks of that moment
	 * only. A transaction that is open on the connection stays usable.
	 * @param connection the connection to read through
	 * @return the history
	 * @throws SQLException if reading it could run the code of others, the database
	 * refuses or the connection is lost
	 */
	History read(Connection connection) throws SQLException {
		boolean own = connection.getAutoCommit();
		String begin = own ? "START TRANSACTION READ ONLY" : "SAVEPOINT " + SAVEPOINT;
		String back = own ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT %1$s; RELEASE SAVEPOINT %1$s".formatted(SAVEPOINT);
		String end = own ? "COMMIT" : back;
		try (PreparedStatement statement = connection.prepareStatement(begin + "; " + this.sql + "; " + end)) {
			statement.setQueryTimeout(queryTimeout(connection));
			statement.setString(1, this.table.schema());
			statement.setString(2, this.table.table());
			statement.setArray(ReadableTable.PARAMETERS + 1, connection.createArrayOf("text", this.schemas.toArray()));
			return read(statement);
		}
		catch (SQLException ex) {
			goBack(connection, back, ex);
			if (MISSING.contains(String.valueOf(ex.getSQLState()))) {
				return History.NONE;
			}
			if (ReadableTable.CHECK_FAILED.equals(ex.getSQLState())) {
				throw new SQLException(ReadableTable.reason(connection, this.table), ex.getSQLState(), ex);
			}
			throw ex;
		}
	}

	/**
	 * Finds out what Flyway will take a database without a history for.
	 * @param connection the connection to look through
	 * @return the version of the baseline it will write, {@code null} if it will take it
	 * for empty or refuse it
	 * @throws SQLException if the database refuses or the connection is lost
	 */
	@Nullable MigrationVersion assumedVersion(Connection connection) throws SQLException {
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
	 * Seconds after which the server is asked to give up, half the time that the
	 * connection waits for an answer: a read that only its client gave up would wait on
	 * for a locked table.
	 */
	private static int queryTimeout(Connection connection) throws SQLException {
		int networkTimeout = connection.getNetworkTimeout();
		return (networkTimeout > 0) ? Math.max(1, networkTimeout / 2000) : 0;
	}

	private History read(PreparedStatement statement) throws SQLException {
		boolean isResult = statement.execute();
		while (!isResult || statement.getResultSet().getMetaData().getColumnCount() == 1) {
			isResult = statement.getMoreResults();
			Assert.state(isResult || statement.getUpdateCount() != -1, "The read of the history has no result");
		}
		try (ResultSet row = statement.getResultSet()) {
			List<HistoryRow> rows = new ArrayList<>();
			int schemasFound = 0;
			while (row.next()) {
				schemasFound = row.getInt("found");
				// an empty table gives one row of the join, without a rank
				if (row.getString("installed_rank") != null) {
					String type = row.getString("type");
					rows.add(new HistoryRow(version(row.getString("version")), row.getString("description"),
							this.types.nameOf(type), this.types.roleOf(type), row.getString("script"),
							row.getObject("checksum", Integer.class), row.getBoolean("success"),
							row.getString("installed_by")));
				}
			}
			return new History(true, rows, schemasFound < this.schemas.size());
		}
	}

	private static @Nullable MigrationVersion version(@Nullable String text) {
		return (text != null) ? MigrationVersion.fromVersion(text) : null;
	}

	private static void goBack(Connection connection, String back, SQLException cause) {
		try (Statement statement = connection.createStatement()) {
			statement.execute(back);
		}
		catch (SQLException ex) {
			cause.addSuppressed(ex);
		}
	}

}
