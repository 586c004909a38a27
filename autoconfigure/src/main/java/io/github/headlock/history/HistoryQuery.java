package io.github.headlock.history;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The statements that read a history table, to be sent with others.
 */
public final class HistoryQuery {

	private static final String DATA_EXCEPTION = "22000";

	/** What Flyway understands in a setting, and not in its table. */
	private static final Set<MigrationVersion> NO_VERSIONS = Set.of(MigrationVersion.LATEST, MigrationVersion.CURRENT,
			MigrationVersion.NEXT, MigrationVersion.EMPTY);

	private final @Nullable String schema;

	private final String table;

	private final String lock;

	private final String rows;

	private final MigrationTypes types;

	/** Schemas that Flyway would create if they did not exist; without repetitions. */
	private final List<String> schemas;

	private HistoryQuery(Configuration configuration, @Nullable String schema, String table, String name) {
		this.schema = schema;
		this.table = table;
		this.types = MigrationTypes.of(configuration);
		this.schemas = configuration.isCreateSchemas()
				? List.of(configuration.getSchemas()).stream().distinct().toList() : List.of();
		// so that the table that was checked is the one that is read
		this.lock = String.format(Locale.ROOT, "LOCK TABLE %s IN ACCESS SHARE MODE", name);
		// The comment keeps pgpool-II from asking a standby, which may lag behind.
		this.rows = String.format(Locale.ROOT,
				"""
						/*NO LOAD BALANCE*/ SELECT schemas.found, h."installed_rank", h."version", h."description", h."type", \
						h."script", h."checksum", h."success", h."installed_by", \
						pg_catalog.pg_is_in_recovery() AS standby FROM (SELECT pg_catalog.count(*) AS found FROM pg_catalog.pg_namespace n \
						WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (?::pg_catalog.text[])) AS schemas \
						LEFT JOIN %s AS h ON true ORDER BY h."installed_rank\"""",
				name);
	}

	static HistoryQuery of(Configuration configuration, HistoryTable table) {
		return new HistoryQuery(configuration, table.schema(), table.table(), table.qualifiedName());
	}

	/**
	 * Prepares to read the table in the current schema, which must be the only one in the
	 * search path, but for that of temporary tables behind it.
	 * @param configuration Flyway's configuration
	 * @return the query
	 */
	public static HistoryQuery inCurrentSchema(Configuration configuration) {
		String table = HistoryTable.tableOf(configuration);
		return new HistoryQuery(configuration, null, table, HistoryTable.quote(table));
	}

	/**
	 * Adds the statements to a message. They need a transaction, whose locks they take.
	 * One of them fails if reading the table could run the code of others, if it does not
	 * exist or may not be read.
	 * @param message the message
	 * @return the history, once the message has run
	 */
	public Result<History> addTo(MultiStatement message) {
		message.add(this.lock);
		Result<Boolean> rowSecurity = ReadabilityCheck.addTo(message, this.schema, this.table);
		return message.query(this.rows, (row) -> history(row, rowSecurity.get()), this.schemas);
	}

	private History history(ResultSet row, boolean rowSecurity) throws SQLException {
		List<HistoryRow> rows = new ArrayList<>();
		int schemasFound = 0;
		boolean standby = false;
		while (row.next()) {
			schemasFound = row.getInt("found");
			standby = row.getBoolean("standby");
			// an empty table gives one row of the join, without a rank
			String rank = row.getString("installed_rank");
			if (rank != null) {
				rows.add(row(rank, row));
			}
		}
		return new History(true, rows, schemasFound < this.schemas.size(), rowSecurity, standby);
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

}
