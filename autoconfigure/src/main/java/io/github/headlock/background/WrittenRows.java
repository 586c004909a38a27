package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * Finds out whether the rows that a batch wrote are done with.
 *
 * @param store the state
 * @param definition what the batch belongs to
 */
record WrittenRows(BackgroundStore store, BackgroundDefinition definition) {

	/**
	 * Keeps the rows that this batch wrote and that still match: every later pass would
	 * write them again.
	 */
	int keepStillMatching(Connection connection, BatchSql sql, KeyRange piece, long changed, int failedBefore)
			throws SQLException {
		Clause query = sql.stillMatching(piece, BatchFailures.MOST_FAILED_ROWS + 1);
		List<List<String>> rows = Statements.keys(connection, query);
		if (rows.isEmpty()) {
			return 0;
		}
		if (failedBefore + rows.size() >= BatchFailures.MOST_FAILED_ROWS
				|| (rows.size() == changed && isFirst(connection))) {
			throw new InvalidBackgroundMigrationException(this.definition.source(), String.format(Locale.ROOT,
					"rows still match where after its own update, such as the one with the key %s", rows.get(0)),
					"Let the statement make the condition false for each row that it changes: concat_ws(' ', a, b) is never "
							+ "null, a || b may be. Nothing of this batch was kept.");
		}
		for (List<String> key : rows) {
			this.store.batches()
				.keepFailedRow(connection, this.definition.name(), key, "still matches after its own update");
		}
		return rows.size();
	}

	private boolean isFirst(Connection connection) throws SQLException {
		Progress progress = this.store.read(connection, this.definition.name());
		return progress == null || progress.rowsChanged() == 0;
	}

}
