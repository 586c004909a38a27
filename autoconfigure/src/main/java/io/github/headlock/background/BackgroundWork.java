package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one background migration, step by step: a batch and what is written down of it
 * are one transaction. Open batches that nobody works on come first, then the next one of
 * the pass, then the end of the pass. To be used by one thread.
 */
final class BackgroundWork {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundWork.class);

	/** Until other processes are done with their batches. */
	private static final Duration OTHERS_PAUSE = Duration.ofMillis(500);

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	private final BackgroundSettings settings;

	private final Pace pace;

	private final WorkTransaction transaction;

	private final BatchFailures failures;

	private final PassEnd passEnd;

	private final BatchSizer sizer;

	private final WrittenRows writtenRows;

	private final RemainingRows remaining;

	/** Null until the table was looked up. */
	private @Nullable BatchSql sql;

	/** A batch that took too long and lost its connection, {@code null} for none. */
	private @Nullable OpenBatch overdue;

	/**
	 * Prepares the work.
	 * @param store the state
	 * @param definition what to do
	 * @param settings what the team decided
	 * @param pace how to work
	 * @param history the history table, whose schema the statements find first
	 */
	BackgroundWork(BackgroundStore store, BackgroundDefinition definition, BackgroundSettings settings, Pace pace,
			HistoryTable history) {
		this.store = store;
		this.definition = definition;
		this.settings = settings;
		this.pace = pace;
		this.transaction = new WorkTransaction(history.schema(), settings.batchTimeout());
		this.failures = new BatchFailures(store, definition);
		this.passEnd = new PassEnd(store, definition, settings, pace, this.transaction,
				history.lookLockKey(definition.name()));
		this.sizer = new BatchSizer(settings.targetDuration());
		this.writtenRows = new WrittenRows(store, definition);
		this.remaining = new RemainingRows(store, definition, this.transaction, pace);
	}

	BackgroundDefinition definition() {
		return this.definition;
	}

	/**
	 * Does what is next.
	 * @param connection the connection, in autocommit mode, in which it is left unless it
	 * is lost
	 * @return what was done
	 * @throws SQLException if the connection is lost, or the state cannot be read
	 */
	Step step(Connection connection) throws SQLException {
		try {
			splitOverdue(connection);
			Step step = workOnBatch(connection);
			return (step != null) ? step : carve(connection);
		}
		catch (InvalidBackgroundMigrationException ex) {
			rollback(connection, ex);
			return failMigration(connection, ex.getMessage() + ". " + ex.getAction());
		}
		catch (SQLException | RuntimeException ex) {
			rollback(connection, ex);
			throw ex;
		}
	}

	private @Nullable Step workOnBatch(Connection connection) throws SQLException {
		Stopwatch stopwatch = new Stopwatch();
		this.transaction.begin(connection);
		OpenBatch batch = this.store.take(connection, this.definition, this.pace.isFullSpeed(), isUnderLock());
		if (batch == null) {
			end(connection);
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
			rollback(connection, ex);
			this.sql = null;
			return recordFailure(connection, batch, late ? BatchFailure.TIMEOUT : failure, BatchFailure.describe(ex));
		}
	}

	private Step apply(Connection connection, OpenBatch batch, Stopwatch stopwatch) throws SQLException {
		BatchSql sql = sql(connection);
		KeyRange piece = piece(connection, sql, batch);
		List<List<String>> without = this.store.failedKeys(connection, this.definition.name());
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
			this.store.delete(connection, this.definition.name(), batch);
		}
		else {
			this.store.advance(connection, this.definition.name(), batch, batch.range().above(piece.upper()),
					batch.size() * 2, batch.attempts(), pause);
		}
		this.store.countWork(connection, this.definition.name(), batch.size(), changed,
				whole ? this.sizer.next(batch.size(), changed, took) : null, took, pause);
		connection.commit();
		connection.setAutoCommit(true);
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
			return failMigration(connection, BatchFailures.explain(this.definition, error));
		}
		this.transaction.begin(connection);
		Step step = this.failures.record(connection, sql(connection), batch, failure, error);
		connection.commit();
		connection.setAutoCommit(true);
		return step;
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

	/** Makes the next batch of the pass, or ends the pass. */
	private Step carve(Connection connection) throws SQLException {
		this.transaction.begin(connection);
		Progress progress = this.store.lockToCarve(connection, this.definition, this.pace.isFullSpeed(), isUnderLock());
		if (progress == null) {
			end(connection);
			return Step.waiting(OTHERS_PAUSE);
		}
		int open = this.store.countOpen(connection, progress.name());
		if (progress.exhausted() || open >= this.settings.workers()) {
			BatchSql sql = sql(connection);
			end(connection);
			return (open > 0) ? Step.waiting(OTHERS_PAUSE) : endPass(connection, sql, progress);
		}
		carve(connection, sql(connection, progress));
		connection.commit();
		connection.setAutoCommit(true);
		return Step.PREPARED;
	}

	private void carve(Connection connection, BatchSql sql) throws SQLException {
		Progress progress = this.store.lock(connection, this.definition.name());
		if (progress != null) {
			KeyRange rest = new KeyRange(progress.cursor(), null);
			List<String> upper = Statements.key(connection, sql.keyAt(rest, progress.batchSize()));
			Clause count = sql.count(rest);
			Long rows = (upper != null) ? Long.valueOf(progress.batchSize())
					: Statements.one(connection, count.sql(), (row) -> row.getLong(1), count.arguments().toArray());
			this.store.carve(connection, progress.name(), rest.upTo(upper), (rows != null) ? rows : 0);
		}
	}

	/**
	 * Looks the table up, once in each pass, and begins the pass again if its key has
	 * changed.
	 */
	private BatchSql sql(Connection connection, Progress progress) throws SQLException {
		BatchSql known = this.sql;
		if (known != null && progress.cursor() != null && known.table().keyColumns().equals(progress.keyColumns())) {
			return known;
		}
		TargetTable table = TargetTable.read(connection, this.definition);
		boolean other = !table.keyColumns().equals(progress.keyColumns());
		if (other || progress.rowsEstimated() == null) {
			this.store.restartPass(connection, progress.name(), table.keyColumns(), table.rows());
		}
		if (other && progress.keyColumns() != null) {
			this.store.forgetFailedRows(connection, progress.name());
		}
		this.sql = new BatchSql(this.definition, table);
		return this.sql;
	}

	private BatchSql sql(Connection connection) throws SQLException {
		BatchSql known = this.sql;
		if (known == null) {
			known = new BatchSql(this.definition, TargetTable.read(connection, this.definition));
			this.sql = known;
		}
		return known;
	}

	private Step endPass(Connection connection, BatchSql sql, Progress progress) throws SQLException {
		Step step = this.passEnd.end(connection, sql, progress);
		if (step.kind() == Step.Kind.ROWS_LOCKED) {
			try {
				this.remaining.work(connection, sql, null);
			}
			catch (SQLException ex) {
				if (connection.isClosed() || BatchFailure.of(ex) == BatchFailure.CONNECTION) {
					throw ex;
				}
				logger.debug("Rows that still need {} are left to the next pass", this.definition, ex);
			}
		}
		return step;
	}

	private Step failMigration(Connection connection, String error) throws SQLException {
		return Transactions.run(connection, () -> {
			this.store.failMigration(connection, this.definition, error);
			return Step.ended();
		});
	}

	/**
	 * Does to rows that passes only skip, because somebody has them locked, what is to be
	 * done: one by one, and it waits for each, so that it holds no other row meanwhile.
	 * @param connection the connection, in autocommit mode
	 * @param longest longest wait for a row
	 * @throws SQLException if one is still locked, or the connection is lost
	 */
	void waitForRemaining(Connection connection, Duration longest) throws SQLException {
		this.remaining.work(connection, lookUp(connection), longest);
	}

	/**
	 * Looks whether any row still needs it.
	 * @param connection the connection, in autocommit mode
	 * @param longest longest that the look may take
	 * @throws InvalidBackgroundMigrationException if the table does not fit
	 */
	boolean isNeeded(Connection connection, Duration longest) throws SQLException {
		return this.passEnd.isNeeded(connection, lookUp(connection), longest);
	}

	/** The number of rows of the table, as the server estimates it; 0 without a table. */
	long rows(Connection connection) throws SQLException {
		try {
			this.transaction.begin(connection);
			return TargetTable.read(connection, this.definition).rows();
		}
		catch (InvalidBackgroundMigrationException ex) {
			return 0;
		}
		finally {
			end(connection);
		}
	}

	/** The sessions that may have rows locked, for people. */
	String lockers(Connection connection) throws SQLException {
		return this.passEnd.lockers(connection, lookUp(connection));
	}

	private BatchSql lookUp(Connection connection) throws SQLException {
		try {
			this.transaction.begin(connection);
			BatchSql sql = sql(connection);
			end(connection);
			return sql;
		}
		catch (SQLException | RuntimeException ex) {
			rollback(connection, ex);
			throw ex;
		}
	}

	private boolean isUnderLock() {
		return this.pace == Pace.UNDER_LOCK;
	}

	static void end(Connection connection) throws SQLException {
		connection.rollback();
		connection.setAutoCommit(true);
	}

	static void rollback(Connection connection, Exception cause) {
		try {
			if (!connection.isClosed() && !connection.getAutoCommit()) {
				end(connection);
			}
		}
		catch (SQLException ex) {
			cause.addSuppressed(ex);
		}
	}

}
