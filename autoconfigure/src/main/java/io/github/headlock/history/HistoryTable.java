package io.github.headlock.history;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.ServerFacts;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

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
	 * @throws InvalidConfigurationPropertyValueException if a name contains NUL
	 */
	public static HistoryTable of(Configuration configuration, ServerFacts server) {
		String schema = schemaOf(configuration);
		return new HistoryTable((schema != null) ? schema : server.currentSchema(), tableOf(configuration));
	}

	/**
	 * Returns the schema that is configured.
	 * @param configuration Flyway's configuration
	 * @return name of the schema, not quoted; {@code null} for the connection's current
	 * one
	 * @throws InvalidConfigurationPropertyValueException if the name contains NUL
	 */
	public static @Nullable String schemaOf(Configuration configuration) {
		String schema = configuration.getDefaultSchema();
		if (schema != null) {
			return nameOf("spring.flyway.default-schema", schema);
		}
		String[] schemas = configuration.getSchemas();
		return (schemas.length > 0) ? nameOf("spring.flyway.schemas[0]", schemas[0]) : null;
	}

	static String tableOf(Configuration configuration) {
		return nameOf("spring.flyway.table", configuration.getTable());
	}

	/**
	 * A statement with this character breaks the protocol, and the driver's error looks
	 * like a broken connection then.
	 */
	private static String nameOf(String property, String name) {
		if (name.indexOf('\0') >= 0) {
			throw new InvalidConfigurationPropertyValueException(property, PrintableText.name(name),
					"PostgreSQL has no names with a NUL character.");
		}
		return name;
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

	/**
	 * Returns the key of the lock under which the state of background migrations is made:
	 * that of a migration with a minus.
	 * @return the key, as {@code pg_advisory_lock(bigint)} takes it
	 */
	public long backgroundLockKey() {
		return -fenceKey();
	}

	/**
	 * Returns the key of the lock under which one process looks whether a background
	 * migration is finished.
	 * @param name name of the background migration
	 * @return the key, as {@code pg_advisory_lock(bigint)} takes it
	 */
	public long lookLockKey(String name) {
		return backgroundLockKey() - 1 - (name.hashCode() & 0xFFFFFFFFL);
	}

	/** The name as it may be shown. */
	@Override
	public String toString() {
		return PrintableText.name(qualifiedName());
	}

	/**
	 * Quotes a name for a statement.
	 * @param identifier the name, not quoted
	 * @return the name as it stands in SQL
	 */
	public static String quote(String identifier) {
		return '"' + identifier.replace("\"", "\"\"") + '"';
	}

}
