package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Decides whether the next batch is interleaved: it covers more rows, and each of its
 * transactions changes a part of them that is spread over all their pages. The new
 * versions of a part then take the place that those of the part before have left, in the
 * same page, so that no index has to be changed (heap-only tuples). That halves what a
 * table grows by, and costs less than changing the rows in the order of their key.
 * <p>
 * It is no use where a column of an index is set, or where old versions are still visible
 * to somebody: that is measured, and then left for a while.
 */
final class Interleaving {

	/** Number of transactions that change the rows of an interleaved batch. */
	static final int PARTS = 4;

	/** Fewer rows in a part are not worth a transaction. */
	static final int LEAST_ROWS = 100;

	/** With fewer, reading the rows once for each part is not worth it. */
	private static final double ENOUGH_HEAP_ONLY = 0.3;

	private static final int BATCHES_WITHOUT = 100;

	/** Whether most rows need the migration, as far as it is known. */
	private boolean dense;

	private int batchesWithout;

	/** Whether the next batch is to be interleaved. */
	boolean isNext() {
		return this.dense && this.batchesWithout == 0;
	}

	/**
	 * Takes note of what was done.
	 * @param piece what was worked on
	 * @param changed how many of its rows needed the migration
	 */
	void done(Piece piece, long changed) {
		this.dense = isDense(piece, changed);
		if (piece.part() == null && this.batchesWithout > 0) {
			this.batchesWithout--;
		}
	}

	/** Whether most rows needed the migration. */
	static boolean isDense(Piece piece, long changed) {
		return changed * 2 >= piece.rows();
	}

	/**
	 * Measures after the last part how many of its rows were changed without indexes.
	 * @param connection the connection, in the transaction that has changed the rows
	 */
	void measure(Connection connection, TargetTable table, Piece piece) throws SQLException {
		if (piece.part() == null || piece.part() + 1 < PARTS) {
			return;
		}
		Double share = Statements.one(connection, """
				SELECT pg_catalog.pg_stat_get_xact_tuples_hot_updated(t.oid)::float8 / \
				greatest(1, pg_catalog.pg_stat_get_xact_tuples_updated(t.oid)) AS share \
				FROM (SELECT ?::bigint::pg_catalog.oid AS oid) t""", (row) -> row.getDouble("share"), table.oid());
		this.batchesWithout = (share != null && share >= ENOUGH_HEAP_ONLY) ? 0 : BATCHES_WITHOUT;
	}

}
