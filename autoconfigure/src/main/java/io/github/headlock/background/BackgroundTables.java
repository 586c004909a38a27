package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.history.SiblingTable;

/**
 * The two tables beside the history that hold the state of background migrations. They
 * are made after the history, which Flyway makes only in an empty schema.
 */
final class BackgroundTables {

	private static final String CREATE_PROGRESS = """
			CREATE TABLE IF NOT EXISTS %s (name text PRIMARY KEY, \
			state text NOT NULL DEFAULT 'running' CHECK (state IN (%s)), since text NOT NULL, \
			definition_hash text NOT NULL, release_head text NOT NULL, key_columns text[], \
			pass int NOT NULL DEFAULT 1, cursor_key text[], exhausted boolean NOT NULL DEFAULT false, \
			batch_size int NOT NULL DEFAULT 1000, rows_estimated bigint, rows_seen bigint NOT NULL DEFAULT 0, \
			seen_in_pass bigint NOT NULL DEFAULT 0, rows_changed bigint NOT NULL DEFAULT 0, \
			changed_in_pass bigint NOT NULL DEFAULT 0, work_ms bigint NOT NULL DEFAULT 0, next_at timestamptz, \
			held_because text, hold_kind text, held_since timestamptz, held_until timestamptz, \
			overdue_holds text[] NOT NULL DEFAULT '{}', last_error text, \
			full_speed boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL DEFAULT now(), \
			updated_at timestamptz, updated_by text, finished_at timestamptz)""";

	private static final String CREATE_BATCH = """
			CREATE TABLE IF NOT EXISTS %s (name text NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, \
			lower_key text[], upper_key text[], size int NOT NULL, attempts int NOT NULL DEFAULT 0, \
			next_at timestamptz NOT NULL DEFAULT now(), part int, in_pieces boolean NOT NULL DEFAULT false, \
			failed boolean NOT NULL DEFAULT false, last_error text, \
			PRIMARY KEY (name, id))""";

	private final SiblingTable progress;

	private final SiblingTable batch;

	BackgroundTables(HistoryTable history) {
		this.progress = new SiblingTable(history, "_background");
		this.batch = new SiblingTable(history, "_background_batch");
	}

	/** As it stands in SQL. */
	String progress() {
		return this.progress.name();
	}

	/** As it stands in SQL. */
	String batch() {
		return this.batch.name();
	}

	/** For people. */
	String shown() {
		return this.progress + " and " + this.batch;
	}

	/** Whether both are there. */
	boolean exist(Connection connection) throws SQLException {
		return this.progress.exists(connection) && this.batch.exists(connection);
	}

	/** Whether the role has all privileges on both that it needs to work. */
	boolean mayBeUsed(Connection connection) throws SQLException {
		return Statements.isTrue(connection, """
				SELECT bool_and(pg_catalog.has_table_privilege(t.name, p.name)) \
				FROM (VALUES (?::text), (?::text)) t (name), \
				(VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) p (name)""", progress(), batch());
	}

	/**
	 * Makes what is missing, in the transaction that is open on the connection.
	 * @throws SQLException also if the role may not make a table in the schema
	 * @throws ForeignTableException if somebody else has a table of one of the names
	 */
	void create(Connection connection) throws SQLException {
		create(connection, this.progress,
				String.format(Locale.ROOT, CREATE_PROGRESS, this.progress.name(), BackgroundState.listed()));
		create(connection, this.batch, String.format(Locale.ROOT, CREATE_BATCH, this.batch.name()));
	}

	private static void create(Connection connection, SiblingTable table, String sql) throws SQLException {
		if (table.isNameTaken(connection)) {
			throw new ForeignTableException(table.toString());
		}
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/**
	 * Somebody else has a table with the name of one of these.
	 */
	static final class ForeignTableException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		ForeignTableException(String table) {
			super(table + " belongs to a role that is neither the owner of the history table nor a superuser, so that "
					+ "what it says does not count. Drop it, or give it to the owner of the history table");
		}

	}

}
