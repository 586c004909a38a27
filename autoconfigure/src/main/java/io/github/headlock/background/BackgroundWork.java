package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;

/**
 * Works on one background migration, step by step: a batch and what is written down of it
 * are one transaction. Open batches that nobody works on come first, then the next one of
 * the pass, then the end of the pass. To be used by one thread.
 */
final class BackgroundWork {

	/** More are not worth to go on for. */
	static final int MOST_FAILED_ROWS = 10;

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
	 * @param schema schema whose tables the statements find first
	 */
	BackgroundWork(BackgroundStore store, BackgroundDefinition definition, BackgroundSettings settings, Pace pace,
			String schema) {
		this.store = store;
		this.definition = definition;
		this.settings = settings;
		this.pace = pace;
		this.transaction = new WorkTransaction(schema, settings.batchTimeout());
		this.failures = new BatchFailures(store, definition);
		this.passEnd = new PassEnd(store, definition, settings, pace, this.transaction);
		this.sizer = new BatchSizer(settings.targetDuration());
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
			changed -= keepStillMatching(connection, sql, piece, changed, without.size());
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
		List<String> key = key(connection, sql.keyAt(batch.range(), batch.size()));
		return (key != null) ? batch.range().upTo(key) : batch.range();
	}

	static @Nullable List<String> key(Connection connection, Clause query) throws SQLException {
		List<List<String>> keys = keys(connection, query);
		return keys.isEmpty() ? null : keys.get(0);
	}

	private static List<List<String>> keys(Connection connection, Clause query) throws SQLException {
		return Statements.query(connection, query.sql(), (row) -> Statements.list(row, "key"),
				query.arguments().toArray());
	}

	/**
	 * Keeps the rows that this batch wrote and that still match: every later pass would
	 * write them again.
	 */
	private int keepStillMatching(Connection connection, BatchSql sql, KeyRange piece, long changed, int failedBefore)
			throws SQLException {
		Clause query = sql.stillMatching(piece, MOST_FAILED_ROWS + 1);
		List<List<String>> rows = keys(connection, query);
		if (failedBefore + rows.size() >= MOST_FAILED_ROWS || (rows.size() == changed && isFirst(connection))) {
			throw new InvalidBackgroundMigrationException(this.definition.source(),
					String.format(Locale.ROOT,
							"rows still match \"%s\" after its own update, such as the one with the key %s",
							this.definition.where().text(), rows.get(0)),
					"Let the statement make the condition false for each row that it changes: concat_ws(' ', a, b) is never "
							+ "null, a || b may be. Nothing of this batch was kept.");
		}
		for (List<String> key : rows) {
			this.store.keepFailedRow(connection, this.definition.name(), key, "still matches after its own update");
		}
		return rows.size();
	}

	private boolean isFirst(Connection connection) throws SQLException {
		Progress progress = this.store.read(connection, this.definition.name());
		return progress == null || progress.rowsChanged() == 0;
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
			return (open > 0) ? Step.waiting(OTHERS_PAUSE) : this.passEnd.end(connection, sql, progress);
		}
		if (progress.cursor() == null) {
			this.sql = null;
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
			List<String> upper = key(connection, sql.keyAt(rest, progress.batchSize()));
			Clause count = sql.count(rest);
			Long rows = (upper != null) ? Long.valueOf(progress.batchSize())
					: Statements.one(connection, count.sql(), (row) -> row.getLong(1), count.arguments().toArray());
			this.store.carve(connection, progress.name(), rest.upTo(upper), (rows != null) ? rows : 0);
		}
	}

	/** Looks the table up, and begins the pass again if its key has changed. */
	private BatchSql sql(Connection connection, Progress progress) throws SQLException {
		TargetTable table = TargetTable.read(connection, this.definition);
		if (!table.keyColumns().equals(progress.keyColumns()) || progress.rowsEstimated() == null) {
			this.store.restartPass(connection, progress.name(), table.keyColumns(), table.rows());
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

	private Step failMigration(Connection connection, String error) throws SQLException {
		this.store.failMigration(connection, this.definition.name(), error);
		return Step.ended();
	}

	/**
	 * Does to the rows that passes only skip, because somebody has them locked, what is
	 * to be done: one by one, and it waits for each, so that it holds no other row
	 * meanwhile.
	 * @param connection the connection, in autocommit mode
	 * @param longest longest wait for a row
	 * @return how many are done
	 * @throws SQLException if one is still locked, or the connection is lost
	 */
	int workOnLockedRows(Connection connection, Duration longest) throws SQLException {
		try {
			this.transaction.begin(connection);
			Clause query = sql(connection).remaining(this.store.failedKeys(connection, this.definition.name()), 100);
			List<List<String>> keys = keys(connection, query);
			end(connection);
			for (List<String> key : keys) {
				Stopwatch stopwatch = new Stopwatch();
				this.transaction.beginWaiting(connection, longest);
				Clause effect = sql(connection).effectOnRow(key);
				long changed = Statements.update(connection, effect.sql(), effect.arguments().toArray());
				this.store.countWork(connection, this.definition.name(), 0, changed, null, stopwatch.elapsed(),
						Duration.ZERO);
				connection.commit();
				connection.setAutoCommit(true);
			}
			return keys.size();
		}
		catch (SQLException | RuntimeException ex) {
			rollback(connection, ex);
			throw ex;
		}
	}

	/**
	 * Looks whether a row still needs it that has not failed.
	 * @param connection the connection, in autocommit mode
	 * @throws InvalidBackgroundMigrationException if the table does not fit
	 */
	boolean isNeeded(Connection connection) throws SQLException {
		return this.passEnd.isNeeded(connection, lookUp(connection));
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

	private static void end(Connection connection) throws SQLException {
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
