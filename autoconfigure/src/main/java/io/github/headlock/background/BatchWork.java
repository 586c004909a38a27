package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;

/**
 * Works on open batches: what a batch changes and what is written down of it are one
 * transaction. To be used by one thread.
 */
final class BatchWork {

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	private final BackgroundSettings settings;

	private final Pace pace;

	private final WorkTransaction transaction;

	private final TableLookup table;

	private final BatchFailures failures;

	private final WrittenRows writtenRows;

	private final BatchSizer sizer;

	/** A batch that took too long and lost its connection, {@code null} for none. */
	private @Nullable OpenBatch overdue;

	BatchWork(BackgroundStore store, BackgroundDefinition definition, BackgroundSettings settings, Pace pace,
			WorkTransaction transaction, TableLookup table) {
		this.store = store;
		this.definition = definition;
		this.settings = settings;
		this.pace = pace;
		this.transaction = transaction;
		this.table = table;
		this.failures = new BatchFailures(store, definition);
		this.writtenRows = new WrittenRows(store, definition);
		this.sizer = new BatchSizer(settings.targetDuration());
	}

	/**
	 * Works on an open batch that nobody works on.
	 * @param connection the connection, in autocommit mode
	 * @return what was done, {@code null} if there is no such batch
	 * @throws InvalidBackgroundMigrationException if the statement or the table does not
	 * fit
	 * @throws SQLException if the connection is lost, or the state cannot be read
	 */
	@Nullable Step step(Connection connection) throws SQLException {
		splitOverdue(connection);
		Stopwatch stopwatch = new Stopwatch();
		this.transaction.begin(connection);
		OpenBatch batch = this.store.batches().take(connection, this.definition, this.pace);
		if (batch == null) {
			Transactions.end(connection);
			return null;
		}
		try {
			return apply(connection, batch, stopwatch);
		}
		catch (SQLException ex) {
			BatchFailure failure = BatchFailure.of(ex);
			boolean late = stopwatch.elapsed().compareTo(this.settings.batchTimeout()) >= 0;
			if (connection.isClosed() || failure == BatchFailure.CONNECTION) {
				this.overdue = late ? batch : null;
				throw ex;
			}
			Transactions.rollback(connection, ex);
			this.table.forget();
			return recordFailure(connection, batch, late ? BatchFailure.TIMEOUT : failure, BatchFailure.describe(ex));
		}
	}

	/** The connection that was lost could not be told. */
	private void splitOverdue(Connection connection) throws SQLException {
		OpenBatch late = this.overdue;
		if (late != null) {
			this.overdue = null;
			recordFailure(connection, late, BatchFailure.TIMEOUT,
					"the connection was lost after " + Stopwatch.seconds(this.settings.batchTimeout()) + " or more");
		}
	}

	private Step apply(Connection connection, OpenBatch batch, Stopwatch stopwatch) throws SQLException {
		BatchSql sql = this.table.sql(connection);
		KeyRange piece = piece(connection, sql, batch);
		List<List<String>> without = this.store.batches().failedKeys(connection, this.definition.name());
		Clause effect = sql.effect(piece, without, true);
		long changed = Statements.update(connection, effect.sql(), effect.arguments().toArray());
		if (changed < 0) {
			throw new InvalidBackgroundMigrationException(this.definition.source(), "its statement returns rows",
					"Let it end with an UPDATE, DELETE or INSERT without RETURNING.");
		}
		if (changed > 0) {
			changed -= this.writtenRows.keepStillMatching(connection, sql, piece, changed, without.size());
		}
		Duration took = stopwatch.elapsed();
		if (took.compareTo(this.settings.batchTimeout()) >= 0) {
			throw new SQLException("The batch took " + Stopwatch.seconds(took), "57014");
		}
		return recordDone(connection, batch, piece, changed, took);
	}

	/** A batch that has failed is worked on in pieces of its size. */
	private static KeyRange piece(Connection connection, BatchSql sql, OpenBatch batch) throws SQLException {
		if (batch.attempts() == 0) {
			return batch.range();
		}
		List<String> key = Statements.key(connection, sql.keyAt(batch.range(), batch.size()));
		return (key != null) ? batch.range().upTo(key) : batch.range();
	}

	private Step recordDone(Connection connection, OpenBatch batch, KeyRange piece, long changed, Duration took)
			throws SQLException {
		boolean whole = batch.attempts() == 0;
		Duration pause = pauseAfter(took);
		this.transaction.beginRecord(connection);
		if (piece.equals(batch.range())) {
			this.store.batches().delete(connection, this.definition.name(), batch);
		}
		else {
			this.store.batches()
				.advance(connection, this.definition.name(), batch, batch.range().above(piece.upper()),
						batch.size() * 2, batch.attempts(), pause);
		}
		this.store.countWork(connection, this.definition.name(), batch.size(), changed,
				whole ? this.sizer.next(batch.size(), changed, took) : null, took, pause);
		Transactions.commit(connection);
		return Step.worked(pause);
	}

	/** The share of one process, so that all of them keep to it together. */
	private Duration pauseAfter(Duration took) {
		double load = this.settings.load();
		return this.pace.isFullSpeed() ? Duration.ZERO
				: Duration.ofMillis((long) (took.toMillis() * (1 - load) / load / this.settings.workers()));
	}

	private Step recordFailure(Connection connection, OpenBatch batch, BatchFailure failure, String error)
			throws SQLException {
		if (failure == BatchFailure.DEFINITION) {
			return this.failures.endWith(connection, BatchFailures.explain(this.definition, error));
		}
		this.transaction.begin(connection);
		Step step = this.failures.record(connection, this.table.sql(connection), batch, failure, error);
		Transactions.commit(connection);
		return step;
	}

}
