package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Looks for the rows of a table that still need a background migration, so that what was
 * done to them can be told from what they are afterwards.
 *
 * @param from the table and what the condition on its rows calls it, as it stands in SQL
 */
record MatchingRows(String from) {

	/**
	 * Names the table.
	 * @param table the table, as it stands in SQL
	 * @param alias what the condition calls it, {@code null} if by its name
	 */
	static MatchingRows of(String table, @Nullable String alias) {
		return new MatchingRows(table + ((alias != null) ? " AS " + alias : ""));
	}

	/**
	 * Looks for the rows, and locks them.
	 * @param connection the connection, in the transaction of the batch
	 * @param rows a condition on the rows, which locks them
	 */
	Look look(Connection connection, Clause rows) throws SQLException {
		return Objects.requireNonNull(Statements.one(connection, String.format(Locale.ROOT,
				"SELECT pg_catalog.array_agg(pg_catalog.concat(tableoid, ctid)) AS positions, "
						+ "pg_catalog.pg_current_xact_id()::pg_catalog.text::bigint AS transaction FROM %s WHERE %s",
				this.from, rows.sql()),
				(row) -> new Look(new HashSet<>(Statements.list(row, "positions")), row.getLong("transaction")),
				rows.arguments().toArray()));
	}

	/**
	 * The rows that were found.
	 *
	 * @param positions where they are: a row that is written goes somewhere else, and
	 * nobody else can move one that is locked
	 * @param transaction identifier of the transaction in which they are locked
	 */
	record Look(Set<String> positions, long transaction) {

		/** Number of rows. */
		int rows() {
			return this.positions.size();
		}

		/**
		 * Number of rows that a later look does not find where they were.
		 * @param after the later look, in the same transaction
		 */
		int countGone(Look after) {
			return (int) this.positions.stream().filter((position) -> !after.positions().contains(position)).count();
		}

	}

}
