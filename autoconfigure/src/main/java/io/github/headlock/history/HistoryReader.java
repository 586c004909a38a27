package io.github.headlock.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

import org.springframework.util.Assert;

/**
 * Reads the history table with one statement.
 */
public final class HistoryReader {

	private static final String DATA_EXCEPTION = "22000";

	/** What Flyway understands in a setting, and not in its table. */
	private static final Set<MigrationVersion> NO_VERSIONS = Set.of(MigrationVersion.LATEST, MigrationVersion.CURRENT,
			MigrationVersion.NEXT, MigrationVersion.EMPTY);

	/** There is no such table, or no such schema. */
	private static final Set<String> MISSING = Set.of("42P01", "3F000");

	/** As Flyway's {@code PostgreSQLSchema}: what an extension brings does not count. */
	private static final String IS_USED = String.format(Locale.ROOT, """
			/*NO LOAD BALANCE*/ SELECT EXISTS (SELECT FROM pg_catalog.pg_class c \
			WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid \
			AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v', 'S', 't']::"char"[]) AND %1$s) \
			OR EXISTS (SELECT FROM pg_catalog.pg_proc c WHERE c.pronamespace OPERATOR(pg_catalog.=) n.oid AND %1$s) \
			OR EXISTS (SELECT FROM pg_catalog.pg_type c WHERE c.typnamespace OPERATOR(pg_catalog.=) n.oid \
			AND c.typcategory OPERATOR(pg_catalog.<>) ALL (ARRAY['A', 'C']::"char"[]) AND %1$s) \
			FROM pg_catalog.pg_namespace n \
			WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (?::pg_catalog.text[])""", """
			NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid OPERATOR(pg_catalog.=) c.oid \
			AND d.deptype OPERATOR(pg_catalog.=) 'e')""");

	private static final String SAVEPOINT = "headlock_history";

	private final HistoryTable table;

	private final String lock;

	private final String rows;

	private final MigrationTypes types;

	/** Where Flyway looks for objects before it writes a baseline. */
	private final List<String> managedSchemas;

	/** What Flyway takes a used schema for; {@code null} if it refuses it. */
	private final @Nullable MigrationVersion baselineOnMigrate;

	/** Schemas that Flyway would create if they did not exist; without repetitions. */
	private final List<String> schemas;

	/**
	 * Creates a reader.
	 * @param configuration Flyway's configuration
	 * @param table the history table
	 */
	public HistoryReader(Configuration configuration, HistoryTable table) {
		this.types = MigrationTypes.of(configuration);
		List<String> configured = List.of(configuration.getSchemas());
		this.managedSchemas = configured.isEmpty() ? List.of(table.schema()) : configured;
		this.baselineOnMigrate = configuration.isBaselineOnMigrate() ? configuration.getBaselineVersion() : null;
		this.schemas = configuration.isCreateSchemas()
				? List.of(configuration.getSchemas()).stream().distinct().toList() : List.of();
		this.table = table;
		// so that the table that was checked is the one that is read
		this.lock = String.format(Locale.ROOT, "LOCK TABLE %s IN ACCESS SHARE MODE", table.qualifiedName());
		// The comment keeps pgpool-II from asking a standby, which may lag behind.
		this.rows = String.format(Locale.ROOT, """
				/*NO LOAD BALANCE*/ SELECT schemas.found, h."installed_rank", h."version", h."description", h."type", \
				h."script", h."checksum", h."success", h."installed_by" \
				FROM (SELECT pg_catalog.count(*) AS found FROM pg_catalog.pg_namespace n \
				WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (?::pg_catalog.text[])) AS schemas \
				LEFT JOIN %s AS h ON true ORDER BY h."installed_rank\"""", table.qualifiedName());
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
		boolean own = connection.getAutoCommit();
		String begin = own ? "START TRANSACTION READ ONLY" : "SAVEPOINT " + SAVEPOINT;
		String[] back = own ? new String[] { "ROLLBACK" }
				: new String[] { "ROLLBACK TO SAVEPOINT " + SAVEPOINT, "RELEASE SAVEPOINT " + SAVEPOINT };
		String end = own ? "COMMIT" : String.join("; ", back);
		boolean oneByOne = describesFirst(connection);
		String sql = oneByOne ? this.rows : String.join("; ", begin, this.lock, ReadabilityCheck.CHECK, this.rows, end);
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			try {
				if (oneByOne) {
					execute(connection, begin, this.lock);
					ReadabilityCheck.check(connection, this.table);
				}
				executeAll(statement, oneByOne ? 0 : ReadabilityCheck.setNames(statement, this.table));
				if (oneByOne) {
					execute(connection, end);
				}
			}
			catch (SQLException ex) {
				goBack(connection, back, ex);
				if (MISSING.contains(String.valueOf(ex.getSQLState()))) {
					return History.NONE;
				}
				if (ReadabilityCheck.CHECK_FAILED.equals(ex.getSQLState())) {
					throw new SQLException(ReadabilityCheck.reason(connection, this.table), ex.getSQLState(), ex);
				}
				throw ex;
			}
			return history(statement);
		}
	}

	/**
	 * With {@code prepareThreshold=-1} the driver has each message described before it
	 * executes it, which works with one statement only.
	 */
	private static boolean describesFirst(Connection connection) throws SQLException {
		return connection.isWrapperFor(PgConnection.class) && connection.unwrap(PgConnection.class).getForceBinary();
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
	 * Seconds after which the server is asked to give up, half the time that the
	 * connection waits for an answer: a read that only its client gave up would wait on
	 * for a locked table.
	 */
	private static int queryTimeout(Connection connection) throws SQLException {
		int networkTimeout = connection.getNetworkTimeout();
		return (networkTimeout > 0) ? Math.max(1, networkTimeout / 2000) : 0;
	}

	/** Executes all, and makes the rows of the history the current result. */
	private void executeAll(PreparedStatement statement, int parametersBefore) throws SQLException {
		Connection connection = statement.getConnection();
		statement.setQueryTimeout(queryTimeout(connection));
		statement.setArray(parametersBefore + 1, connection.createArrayOf("text", this.schemas.toArray()));
		boolean isResult = statement.execute();
		while (!isResult || statement.getResultSet().getMetaData().getColumnCount() == 1) {
			isResult = statement.getMoreResults();
			Assert.state(isResult || statement.getUpdateCount() != -1, "The read of the history has no result");
		}
	}

	private History history(PreparedStatement statement) throws SQLException {
		try (ResultSet row = statement.getResultSet()) {
			List<HistoryRow> rows = new ArrayList<>();
			int schemasFound = 0;
			while (row.next()) {
				schemasFound = row.getInt("found");
				// an empty table gives one row of the join, without a rank
				String rank = row.getString("installed_rank");
				if (rank != null) {
					rows.add(row(rank, row));
				}
			}
			return new History(true, rows, schemasFound < this.schemas.size());
		}
	}

	private HistoryRow row(String rank, ResultSet row) throws SQLException {
		String type = row.getString("type");
		String description = row.getString("description");
		String script = row.getString("script");
		if (type == null || description == null || script == null) {
			throw new SQLException(String.format(Locale.ROOT, "The row with rank %s is incomplete", rank),
					DATA_EXCEPTION);
		}
		return new HistoryRow(version(rank, row.getString("version")), description, this.types.nameOf(type),
				this.types.roleOf(type), script, row.getObject("checksum", Integer.class), row.getBoolean("success"),
				row.getString("installed_by"));
	}

	private static @Nullable MigrationVersion version(String rank, @Nullable String text) throws SQLException {
		if (text == null) {
			return null;
		}
		try {
			MigrationVersion version = MigrationVersion.fromVersion(text);
			if (!NO_VERSIONS.contains(version)) {
				return version;
			}
		}
		catch (FlywayException ex) {
			// told below
		}
		throw new SQLException(String.format(Locale.ROOT, "The row with rank %s has \"%s\" for a version", rank,
				PrintableText.name(text)), DATA_EXCEPTION);
	}

	private static void goBack(Connection connection, String[] back, SQLException cause) {
		try {
			execute(connection, back);
		}
		catch (SQLException ex) {
			cause.addSuppressed(ex);
		}
	}

	private static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
