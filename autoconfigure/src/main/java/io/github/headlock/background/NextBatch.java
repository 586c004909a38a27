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
 */
record NextBatch(BackgroundStore store, BackgroundDefinition definition, TableLookup table) {

	/**
	 * Makes it, in a transaction that has locked the progress.
	 * @param locked the progress
	 */
	void make(Connection connection, Progress locked) throws SQLException {
		BatchSql sql = this.table.sql(connection, locked);
		Progress progress = this.store.lock(connection, this.definition.name());
		if (progress == null) {
			return;
		}
		KeyRange rest = new KeyRange(progress.cursor(), null);
		List<String> upper = Statements.key(connection, sql.keyAt(rest, progress.batchSize()));
		this.store.batches()
			.carve(connection, progress.name(), rest.upTo(upper),
					(upper != null) ? progress.batchSize() : count(connection, sql, rest));
	}

	private static long count(Connection connection, BatchSql sql, KeyRange rest) throws SQLException {
		Clause count = sql.count(rest);
		Long rows = Statements.one(connection, count.sql(), (row) -> row.getLong(1), count.arguments().toArray());
		return (rows != null) ? rows : 0;
	}

}
