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

	private final Interleaving interleaving;

	private final WorkCount count;

	/** A batch that took too long and lost its connection, {@code null} for none. */
	private @Nullable OpenBatch overdue;

	BatchWork(BackgroundStore store, BackgroundDefinition definition, BackgroundSettings settings, Pace pace,
			WorkTransaction transaction, TableLookup table, Interleaving interleaving, WorkCount count) {
		this.store = store;
		this.definition = definition;
		this.settings = settings;
		this.pace = pace;
		this.transaction = transaction;
		this.table = table;
		this.failures = new BatchFailures(store, definition);
		this.writtenRows = new WrittenRows(store, definition);
		this.sizer = new BatchSizer(settings.targetDuration());
		this.interleaving = interleaving;
		this.count = count;
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
			boolean late = stopwatch.elapsed().compareTo(this.settings.batchTimeout()) >= 0;
			BatchFailure failure = BatchFailure.of(ex, connection);
			if (connection.isClosed() || failure == BatchFailure.CONNECTION) {
				this.overdue = late ? batch : null;
				throw ex;
			}
			Transactions.rollback(connection, ex);
			if (this.table.forget() && failure == BatchFailure.DEFINITION) {
				return Step.PREPARED;
			}
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
		Piece piece = piece(connection, sql, batch);
		List<List<String>> without = this.store.batches().failedKeys(connection, this.definition.name());
		long changed = this.definition.effect().apply(connection, sql.rows(piece, without));
		if (changed > 0) {
			int kept = this.writtenRows.keepStillMatching(connection, sql, piece.range(), changed, without.size());
			// a trigger may have added such rows
			changed = Math.max(0, changed - kept);
		}
		this.interleaving.measure(connection, sql.table(), piece);
		Duration took = stopwatch.elapsed();
		this.transaction.ensureInTime(took);
		Duration pause = pauseAfter(batch, took);
		recordDone(connection, batch, piece, changed, took, pause);
		this.interleaving.done(piece, changed);
		return Step.worked(pause);
	}

	private static Piece piece(Connection connection, BatchSql sql, OpenBatch batch) throws SQLException {
		if (!batch.inPieces()) {
			return new Piece(batch.range(), batch.part(), batch.size());
		}
		List<String> key = Statements.key(connection, sql.keyAt(batch.range(), batch.size()));
		return (key != null) ? new Piece(batch.range().upTo(key), null, batch.size())
				: new Piece(batch.range(), null, sql.countRows(connection, batch.range()));
	}

	private void recordDone(Connection connection, OpenBatch batch, Piece piece, long changed, Duration took,
			Duration pause) throws SQLException {
		String name = this.definition.name();
		int nextSize = this.sizer.next(batch.size(), changed, took);
		boolean inPieces = piece.part() != null
				&& (this.sizer.isFarTooLong(took) || !Interleaving.isDense(piece, changed));
		OpenBatch rest = inPieces ? batch.inPieces(nextSize) : rest(batch, piece, nextSize);
		this.transaction.beginRecord(connection);
		if (rest == null) {
			this.store.batches().delete(connection, name, batch);
		}
		else {
			this.store.batches().advance(connection, name, rest, pause);
		}
		long seen = inPieces ? -batch.rowsInParts() : piece.rows();
		this.store.countWork(connection, name, seen, changed, (batch.attempts() == 0) ? nextSize : null, took, pause);
		Transactions.commit(connection);
		this.count.done(seen, changed);
	}

	private static @Nullable OpenBatch rest(OpenBatch batch, Piece piece, int nextSize) {
		if (piece.part() != null) {
			return batch.afterPart(piece.part());
		}
		return piece.range().equals(batch.range()) ? null : batch.above(piece.range(), nextSize);
	}

	/** The share of one process, so that all of them keep to it together. */
	private Duration pauseAfter(OpenBatch batch, Duration took) {
		double load = this.settings.load();
		return (this.pace.isFullSpeed() || batch.fullSpeed()) ? Duration.ZERO
				: Duration.ofMillis((long) (took.toMillis() * (1 - load) / load / this.settings.workers()));
	}

	private Step recordFailure(Connection connection, OpenBatch batch, BatchFailure failure, String error)
			throws SQLException {
		this.count.failed((failure == BatchFailure.DEFINITION) ? 0 : batch.rowsInParts());
		if (failure == BatchFailure.DEFINITION) {
			return this.failures.endWith(connection, BatchFailures.explain(this.definition, error));
		}
		this.transaction.begin(connection);
		Step step = this.failures.record(connection, this.table.sql(connection), batch, failure, error);
		Transactions.commit(connection);
		return step;
	}

}
