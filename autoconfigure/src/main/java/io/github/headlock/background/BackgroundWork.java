package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import io.github.headlock.history.HistoryTable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one background migration, step by step: open batches that nobody works on come
 * first, then the next one of the pass, then the end of the pass. To be used by one
 * thread.
 */
final class BackgroundWork {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundWork.class);

	/** Until other processes are done with their batches. */
	private static final Duration OTHERS_PAUSE = Duration.ofMillis(500);

	/** SQLSTATE of a connection that was lost. */
	private static final String CONNECTION_FAILURE = "08006";

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	private final BackgroundSettings settings;

	private final Pace pace;

	private final WorkTransaction transaction;

	private final TableLookup table;

	private final BatchWork batchWork;

	private final NextBatch nextBatch;

	private final BatchFailures failures;

	private final PassEnd passEnd;

	private final RemainingRows remaining;

	private final HoldCheck holds;

	private final WorkCount count;

	/** Prepares work that nobody counts. */
	BackgroundWork(BackgroundStore store, BackgroundDefinition definition, BackgroundSettings settings, Pace pace,
			HistoryTable history) {
		this(store, definition, settings, pace, history, new WorkCount());
	}

	/**
	 * Prepares the work.
	 * @param store the state
	 * @param definition what to do
	 * @param settings what the team decided
	 * @param pace how to work
	 * @param history the history table, whose schema the statements find first
	 * @param count counts what is done
	 */
	BackgroundWork(BackgroundStore store, BackgroundDefinition definition, BackgroundSettings settings, Pace pace,
			HistoryTable history, WorkCount count) {
		this.store = store;
		this.definition = definition;
		this.settings = settings;
		this.pace = pace;
		this.transaction = new WorkTransaction(history.schema(), settings.batchTimeout());
		this.table = new TableLookup(store, definition, this.transaction);
		Interleaving interleaving = new Interleaving();
		this.batchWork = new BatchWork(store, definition, settings, pace, this.transaction, this.table, interleaving,
				count);
		this.nextBatch = new NextBatch(store, definition, this.table, interleaving);
		this.failures = new BatchFailures(store, definition);
		this.passEnd = new PassEnd(store, definition, settings, pace, this.transaction,
				history.lookLockKey(definition.name()));
		this.holds = new HoldCheck(store, definition, settings.throttle(), history.schema());
		this.remaining = new RemainingRows(store, definition, this.failures, this.transaction, pace, count);
		this.count = count;
	}

	BackgroundDefinition definition() {
		return this.definition;
	}

	/** Those first that somebody wants to be finished soon. */
	static List<BackgroundWork> inOrder(List<BackgroundWork> all, Map<String, Progress> states) {
		return all.stream().sorted(Comparator.comparing((work) -> {
			Progress progress = states.get(work.definition().name());
			return progress == null || !progress.isUrgent();
		})).toList();
	}

	/**
	 * Returns for how long it is not to be worked on with pauses, after a look, from time
	 * to time, whether something asks to hold.
	 * @param connection the connection, in autocommit mode
	 * @param progress what was read right before
	 * @return the time, not positive if it may be worked on
	 * @throws SQLException if the connection is lost, or the state cannot be written
	 */
	Duration pause(Connection connection, Progress progress) throws SQLException {
		return this.holds.pause(connection, progress);
	}

	/**
	 * Does what is next.
	 * @param connection the connection, in autocommit mode, in which it is left unless it
	 * is lost
	 * @return what was done
	 * @throws SQLException if the connection is lost, or the state cannot be read
	 */
	Step step(Connection connection) throws SQLException {
		this.table.beginStep();
		try {
			Step step = this.batchWork.step(connection);
			return (step != null) ? step : goOn(connection);
		}
		catch (InvalidBackgroundMigrationException ex) {
			Transactions.rollback(connection, ex);
			this.count.failed(0);
			return this.failures.endWith(connection, ex.getMessage() + ". " + ex.getAction());
		}
		catch (SQLException ex) {
			Transactions.rollback(connection, ex);
			if (connection.isClosed()) {
				throw lost(ex);
			}
			return afterFailure(connection, ex);
		}
		catch (RuntimeException ex) {
			Transactions.rollback(connection, ex);
			throw ex;
		}
	}

	/**
	 * Tells when a batch is tried again.
	 * @param connection the connection, in autocommit mode
	 * @return the time until then, {@code null} unless all open batches have failed and
	 * are to be tried again later
	 */
	@Nullable Duration timeToRetry(Connection connection) throws SQLException {
		return this.store.batches().timeToRetry(connection, this.definition.name());
	}

	/** What does not fit the table ends it, unless the table has changed meanwhile. */
	private Step afterFailure(Connection connection, SQLException failure) throws SQLException {
		boolean old = this.table.forget();
		if (BatchFailure.of(failure) != BatchFailure.DEFINITION) {
			throw failure;
		}
		if (old) {
			return Step.PREPARED;
		}
		if (BackgroundRunner.DENIED.equals(failure.getSQLState()) && !this.store.tables().mayBeUsed(connection)) {
			throw failure;
		}
		this.count.failed(0);
		return this.failures.endWith(connection,
				BatchFailures.explain(this.definition, BatchFailure.describe(failure)));
	}

	/** Code that was given up may have thrown anything. */
	private static SQLException lost(SQLException failure) {
		BatchFailure kind = BatchFailure.of(failure);
		return (kind == BatchFailure.ROW || kind == BatchFailure.DEFINITION) ? new SQLException(
				"The connection was lost: " + BatchFailure.describe(failure), CONNECTION_FAILURE, failure) : failure;
	}

	/** Makes the next batch of the pass, or ends the pass. */
	private Step goOn(Connection connection) throws SQLException {
		this.transaction.begin(connection);
		Progress progress = this.store.lockToCarve(connection, this.definition, this.pace);
		if (progress == null) {
			Transactions.end(connection);
			return Step.waiting(OTHERS_PAUSE);
		}
		int open = this.store.batches().countOpen(connection, progress.name());
		if (open > 0 && (progress.exhausted() || open >= this.settings.workers())) {
			Transactions.end(connection);
			return Step.waiting(OTHERS_PAUSE);
		}
		if (progress.exhausted()) {
			// row-level security, for one, may hide rows since then
			this.table.forget();
			BatchSql sql = this.table.sql(connection);
			Transactions.end(connection);
			return endPass(connection, sql, progress);
		}
		this.nextBatch.make(connection, progress);
		Transactions.commit(connection);
		return Step.PREPARED;
	}

	private Step endPass(Connection connection, BatchSql sql, Progress progress) throws SQLException {
		Step step = this.passEnd.end(connection, sql, progress);
		if (step.kind() == Step.Kind.ROWS_LOCKED) {
			try {
				return this.remaining.work(connection, sql, null) ? Step.ended() : step;
			}
			catch (SQLException ex) {
				BatchFailure failure = BatchFailure.of(ex, connection);
				if (connection.isClosed() || failure == BatchFailure.CONNECTION || failure == BatchFailure.DEFINITION) {
					throw ex;
				}
				logger.debug("Rows that still need {} are left to the next pass", this.definition, ex);
			}
		}
		return step;
	}

	/**
	 * Does to rows that passes only skip, because somebody has them locked, what is to be
	 * done: one by one, and it waits for each, so that it holds no other row meanwhile.
	 * @param connection the connection, in autocommit mode
	 * @param longest longest wait for a row
	 * @throws SQLException if one is still locked, or the connection is lost
	 */
	void waitForRemaining(Connection connection, Duration longest) throws SQLException {
		this.remaining.work(connection, this.table.lookUp(connection), longest);
	}

	/**
	 * Looks whether any row still needs it.
	 * @param connection the connection, in autocommit mode
	 * @param longest longest that the look may take
	 * @throws InvalidBackgroundMigrationException if the table does not fit
	 */
	boolean isNeeded(Connection connection, Duration longest) throws SQLException {
		return this.passEnd.isNeeded(connection, this.table.lookUp(connection), longest);
	}

	/** The number of rows of the table, as the server estimates it; 0 without a table. */
	long rows(Connection connection) throws SQLException {
		return this.table.rows(connection);
	}

	/** The sessions that may have rows locked, for people. */
	String lockers(Connection connection) throws SQLException {
		return this.passEnd.lockers(connection, this.table.lookUp(connection));
	}

}
