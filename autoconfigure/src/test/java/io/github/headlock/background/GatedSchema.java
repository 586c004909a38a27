package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is seen of a schema with {@link GatedReleases}.
 *
 * @param connection the connection to look through
 */
record GatedSchema(Connection connection) {

	private static final String ADVISORY_LOCKS = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' "
			+ "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";

	List<String> applied() throws SQLException {
		return exists("flyway_schema_history") ? Statements.query(this.connection,
				"SELECT version FROM flyway_schema_history WHERE success ORDER BY installed_rank",
				(row) -> row.getString(1)) : List.of();
	}

	private boolean exists(String table) throws SQLException {
		return Statements.isTrue(this.connection, "SELECT to_regclass(?) IS NOT NULL", table);
	}

	/** Versions are applied one after the other. */
	int head() throws SQLException {
		return applied().size();
	}

	@Nullable String state() throws SQLException {
		return exists("flyway_schema_history_background") ? Statements.one(this.connection,
				"SELECT state FROM flyway_schema_history_background", (row) -> row.getString(1)) : null;
	}

	boolean hasOldRows() throws SQLException {
		return hasRows((head() < 2) ? "true" : "full_name IS NULL");
	}

	boolean hasRows(String condition) throws SQLException {
		return Statements.isTrue(this.connection, "SELECT EXISTS (SELECT FROM customer WHERE " + condition + ")");
	}

	boolean isLocked() throws SQLException {
		return Statements.isTrue(this.connection, ADVISORY_LOCKS);
	}

}
