package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;

/**
 * Works on the rows that a pass has left although they need the migration, one by one, so
 * that no other row is locked while one is waited for.
 *
 * @param store the state
 * @param definition what to do
 * @param failures decides when too many have failed
 * @param transaction begins the transactions
 * @param pace how to work
 * @param count counts what is done
 */
record RemainingRows(BackgroundStore store, BackgroundDefinition definition, BatchFailures failures,
		WorkTransaction transaction, Pace pace, WorkCount count) {

	/**
	 * Works on them. Also finds rows that the statement leaves as they are, which would
	 * never end.
	 * @param connection the connection, in autocommit mode
	 * @param sql the statements
	 * @param wait longest wait for a row, {@code null} to skip locked ones
	 * @return whether so many have failed that the migration is not worked on any more
	 */
	boolean work(Connection connection, BatchSql sql, @Nullable Duration wait) throws SQLException {
		try {
			this.transaction.begin(connection);
			List<List<String>> rows = Statements.keys(connection, sql.remaining(
					this.store.batches().failedKeys(connection, this.definition.name()), (wait != null) ? 100 : 10));
			Transactions.end(connection);
			for (List<String> key : rows) {
				this.transaction.begin(connection, (wait != null) ? wait : Duration.ZERO);
				if (work(connection, sql, key, wait == null)) {
					return true;
				}
			}
			return false;
		}
		catch (SQLException | RuntimeException ex) {
			Transactions.rollback(connection, ex);
			throw ex;
		}
	}

	private boolean work(Connection connection, BatchSql sql, List<String> key, boolean skipLocked)
			throws SQLException {
		Stopwatch stopwatch = new Stopwatch();
		Clause lock = sql.lockRow(key, skipLocked);
		if (Statements.query(connection, lock.sql(), (row) -> row.getInt(1), lock.arguments().toArray()).isEmpty()
				|| this.store.lockToWork(connection, this.definition, this.pace) == null) {
			Transactions.end(connection);
			return false;
		}
		long changed = this.definition.effect().apply(connection, sql.row(key));
		boolean ended = changed == 0 && giveUp(connection, key);
		this.transaction.beginRecord(connection);
		this.store.countWork(connection, this.definition.name(), 0, changed, null, stopwatch.elapsed(), Duration.ZERO);
		Transactions.commit(connection);
		this.count.rowDone(changed);
		return ended;
	}

	/** A row that is left as it is would be found again by each pass. */
	private boolean giveUp(Connection connection, List<String> key) throws SQLException {
		this.store.batches()
			.keepFailedRow(connection, this.definition.name(), key, "the migration does not change the row");
		return this.failures.endIfTooMany(connection);
	}

}
