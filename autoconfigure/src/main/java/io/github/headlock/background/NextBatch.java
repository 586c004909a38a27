package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Makes the next batch of a pass.
 *
 * @param store the state
 * @param definition what to do
 * @param table looks the table up
 * @param interleaving whether it is interleaved
 */
record NextBatch(BackgroundStore store, BackgroundDefinition definition, TableLookup table, Interleaving interleaving) {

	/**
	 * Makes it, in a transaction that has locked the progress. An empty table has a batch
	 * as well, so that a mistake in the statement shows.
	 * @param locked the progress
	 */
	void make(Connection connection, Progress locked) throws SQLException {
		BatchSql sql = this.table.sql(connection, locked);
		Progress progress = this.store.lock(connection, this.definition.name());
		if (progress == null) {
			return;
		}
		KeyRange rest = new KeyRange(progress.cursor(), null);
		if (this.interleaving.isNext() && sql.table().byPosition()
				&& (makeInterleaved(connection, sql, rest, progress.batchSize()) || makeInterleaved(connection, sql,
						rest, sql.countRows(connection, rest) / Interleaving.PARTS))) {
			return;
		}
		List<String> upper = Statements.key(connection, sql.keyAt(rest, progress.batchSize()));
		long rows = (upper != null) ? progress.batchSize() : sql.countRows(connection, rest);
		if (rows > 0 || progress.cursor() == null) {
			this.store.batches().make(connection, progress.name(), rest.upTo(upper), rows, null);
		}
		this.store.moveOn(connection, progress.name(), upper);
	}

	/**
	 * Makes an interleaved batch if there are as many rows.
	 * @param size number of rows of a part
	 */
	private boolean makeInterleaved(Connection connection, BatchSql sql, KeyRange rest, long size) throws SQLException {
		List<String> upper = (size >= Interleaving.LEAST_ROWS)
				? Statements.key(connection, sql.keyAt(rest, size * Interleaving.PARTS)) : null;
		if (upper == null) {
			return false;
		}
		this.store.batches().make(connection, this.definition.name(), rest.upTo(upper), size, 0);
		this.store.moveOn(connection, this.definition.name(), upper);
		return true;
	}

}
