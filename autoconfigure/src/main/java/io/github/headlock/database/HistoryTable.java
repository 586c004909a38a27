package io.github.headlock.database;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * Names Flyway's schema history table and the advisory locks that belong to it.
 *
 * @param schema name of the schema, not quoted
 * @param table name of the table, not quoted
 */
public record HistoryTable(String schema, String table) {

	/** The letters "Flyway", as Flyway's own {@code PostgreSQLAdvisoryLockTemplate}. */
	private static final long FLYWAY = 0x466C79776179L;

	/** The letters "Fence". */
	private static final long FENCE = 0x46656E6365L;

	/**
	 * Resolves the table as Flyway does: the default schema, else the first schema, else
	 * the connection's current one.
	 * @param configuration Flyway's configuration
	 * @param server the facts of the server, for the current schema
	 * @return the history table
	 */
	public static HistoryTable of(Configuration configuration, ServerFacts server) {
		String schema = configuration.getDefaultSchema();
		if (schema == null) {
			String[] schemas = configuration.getSchemas();
			schema = (schemas.length > 0) ? schemas[0] : server.currentSchema();
		}
		return new HistoryTable(schema, configuration.getTable());
	}

	/**
	 * Returns the name as it stands in SQL, which is also the text that Flyway derives
	 * its lock from.
	 * @return the quoted and qualified name
	 */
	public String qualifiedName() {
		return quote(this.schema) + "." + quote(this.table);
	}

	/**
	 * Returns the name of another table of the same schema as it stands in SQL.
	 * @param table name of the other table, not quoted
	 * @return the quoted and qualified name
	 */
	public String sibling(String table) {
		return new HistoryTable(this.schema, table).qualifiedName();
	}

	/**
	 * Returns the key of Flyway's advisory lock for this table. Advisory locks are per
	 * database.
	 * @return the key, as {@code pg_advisory_lock(bigint)} takes it
	 */
	public long lockKey() {
		return FLYWAY + qualifiedName().hashCode();
	}

	/**
	 * Returns the key of the advisory lock that is held within each migration of this
	 * table.
	 * @return the key, as {@code pg_advisory_lock(bigint)} takes it
	 */
	public long fenceKey() {
		return FENCE + qualifiedName().hashCode();
	}

	/**
	 * Returns the key of the lock for tasks that one process runs at a time: Flyway's
	 * with a minus. Flyway's are all positive, so it is never that of another table's
	 * migrations.
	 * @return the key, as {@code pg_advisory_lock(bigint)} takes it
	 */
	public long taskLockKey() {
		return -lockKey();
	}

	/** The name as it may be shown. */
	@Override
	public String toString() {
		return PrintableText.name(qualifiedName());
	}

	private static String quote(String identifier) {
		return '"' + identifier.replace("\"", "\"\"") + '"';
	}

}
