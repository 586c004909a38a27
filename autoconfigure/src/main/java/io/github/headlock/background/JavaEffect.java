package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.background.MatchingRows.Look;
import io.github.headlock.jdbc.ConnectionAbort;

/**
 * Code of the team. It is not trusted to leave the transaction of the batch alone, nor to
 * come to its end.
 *
 * @param code the code
 * @param source where it is declared, for people
 * @param matching finds the rows that need it
 * @param batchTimeout what a batch may take
 * @param oneAtATime held by the thread that is in the code
 */
record JavaEffect(BackgroundMigration code, String source, MatchingRows matching, Duration batchTimeout,
		Lock oneAtATime) implements Effect {

	/** SQLSTATE of a statement in a transaction in which another one has failed. */
	private static final String ALREADY_FAILED = "25P02";

	/** SQLSTATE of a statement that took too long. */
	private static final String TIMEOUT = "57014";

	/** Each row is read, sent back and updated by its key. */
	private static final double USUAL_ROWS_PER_SECOND = 2_000;

	/**
	 * Does it if there are such rows. Those of before are looked for afterwards, because
	 * a number that is too high would keep the migration from ending, and one of 0 means
	 * that a row cannot be changed.
	 */
	@Override
	public long apply(Connection connection, Clause rows) throws SQLException {
		Look before = this.matching.look(connection, rows);
		if (before.rows() == 0) {
			return 0;
		}
		int changed = migrate(connection, rows);
		Look after = lookAfter(connection, rows);
		if (after.transaction() != before.transaction()) {
			throw new InvalidBackgroundMigrationException(this.source,
					"its code has ended the transaction of the batch",
					"Let it neither commit nor roll back: that is done when migrate returns or throws.");
		}
		if (changed < 0) {
			throw new InvalidBackgroundMigrationException(this.source,
					"its code says that it changed " + changed + " rows",
					"Let migrate return the number of rows that it has changed.");
		}
		if (after.rows() < before.rows()) {
			return Math.max(changed, before.rows() - after.rows());
		}
		// rows that others have written or let go meanwhile may take the place of those
		// of before
		return (before.countGone(after) > 0) ? changed : 0;
	}

	private Look lookAfter(Connection connection, Clause rows) throws SQLException {
		try {
			return this.matching.look(connection, rows);
		}
		catch (SQLException ex) {
			if (ALREADY_FAILED.equals(ex.getSQLState())) {
				throw new SQLException("Its code goes on after a statement that has failed, instead of throwing", null,
						ex);
			}
			throw ex;
		}
	}

	/** The server alone does not end a transaction of many short statements. */
	private int migrate(Connection connection, Clause rows) throws SQLException {
		CodeTimeout timeout = new CodeTimeout("headlock-batch-timeout", WorkTransaction.longest(this.batchTimeout),
				() -> ConnectionAbort.run(connection));
		try (timeout) {
			return migrateAlone(connection, rows);
		}
		catch (InterruptedException ex) {
			if (!timeout.hasInterrupted()) {
				Thread.currentThread().interrupt();
			}
			throw JavaFailure.of(ex);
		}
		catch (Exception | Error ex) {
			throw JavaFailure.of(ex);
		}
	}

	/** An operator may try it while it is worked on. */
	private int migrateAlone(Connection connection, Clause rows) throws Exception {
		if (!this.oneAtATime.tryLock(this.batchTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new SQLException("Another thread of this process has not ended its batch of it", TIMEOUT);
		}
		try {
			return this.code.migrate(JavaBatch.of(connection, rows, this.source));
		}
		finally {
			this.oneAtATime.unlock();
		}
	}

	/** Code may lock its rows more strongly itself. */
	@Override
	public boolean needsRowLock(List<String> referable) {
		return false;
	}

	@Override
	public boolean mayNeedRowLock(List<String> referable) {
		return true;
	}

	@Override
	public double usualRowsPerSecond() {
		return USUAL_ROWS_PER_SECOND;
	}

	/** Nobody can tell whether code has changed. */
	@Override
	public String text() {
		return "Java";
	}

}
