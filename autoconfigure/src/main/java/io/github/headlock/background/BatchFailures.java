package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Decides what becomes of a batch that has failed: later, smaller, or without the row
 * that it fails for. Smaller ones stay one batch, which is worked on in pieces.
 */
final class BatchFailures {

	/** More are not worth to go on for. */
	static final int MOST_FAILED_ROWS = 10;

	private static final int ATTEMPTS_WITH_CONFLICTS = 3;

	private static final int ATTEMPTS = 5;

	/** About an hour: what it lacks, or waits for, may be there again by then. */
	private static final int ATTEMPTS_OF_A_BUSY_ROW = 120;

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	BatchFailures(BackgroundStore store, BackgroundDefinition definition) {
		this.store = store;
		this.definition = definition;
	}

	/**
	 * Writes down that a batch has failed.
	 * @param connection the connection, in a transaction
	 * @param sql the statements
	 * @param batch the batch, which was rolled back
	 * @param failure what it was about
	 * @param error what the server said
	 * @return what was done
	 */
	Step record(Connection connection, BatchSql sql, OpenBatch batch, BatchFailure failure, String error)
			throws SQLException {
		OpenBatch again = this.store.batches().retake(connection, this.definition, batch.id());
		if (again == null) {
			return Step.PREPARED;
		}
		boolean tooLarge = failure == BatchFailure.TIMEOUT
				|| (failure == BatchFailure.BUSY && again.attempts() >= ATTEMPTS_WITH_CONFLICTS);
		boolean often = again.attempts() + 1 >= ATTEMPTS;
		if (again.size() > 1 && (tooLarge || (failure == BatchFailure.ROW && often))) {
			fail(connection, again, again.size() / 2, tooLarge, Duration.ZERO, error);
			return Step.worked(Duration.ZERO);
		}
		if (often && failure != BatchFailure.BUSY) {
			return giveUpRow(connection, sql, again, error);
		}
		if (again.attempts() + 1 >= ATTEMPTS_OF_A_BUSY_ROW) {
			// the next row has as much time
			return giveUpRow(connection, sql, again.withoutAttempts(), error);
		}
		Duration pause = pauseBefore(again.attempts());
		fail(connection, again, again.size(), false, pause, error);
		return Step.worked(Duration.ZERO);
	}

	private void fail(Connection connection, OpenBatch batch, int size, boolean tooLarge, Duration pause, String error)
			throws SQLException {
		this.store.batches().fail(connection, this.definition.name(), batch, size, tooLarge, pause, error);
	}

	private static Duration pauseBefore(int attempts) {
		Duration pause = Duration.ofMillis(500L << Math.min(attempts, 10));
		return (pause.compareTo(LONGEST_PAUSE) < 0) ? pause : LONGEST_PAUSE;
	}

	private Step giveUpRow(Connection connection, BatchSql sql, OpenBatch batch, String error) throws SQLException {
		List<String> key = Statements.key(connection, sql.keyAt(batch.range(), 1));
		if (key == null) {
			this.store.batches().delete(connection, this.definition.name(), batch);
			return Step.PREPARED;
		}
		this.store.batches().keepFailedRow(connection, this.definition.name(), key, error);
		if (key.equals(batch.range().upper())) {
			this.store.batches().delete(connection, this.definition.name(), batch);
		}
		else {
			this.store.batches()
				.advance(connection, this.definition.name(), batch.above(batch.range().upTo(key), 1), Duration.ZERO);
		}
		return endIfTooMany(connection) ? Step.ended() : Step.PREPARED;
	}

	/** Ends the whole migration if too many rows have failed. */
	boolean endIfTooMany(Connection connection) throws SQLException {
		BatchStore batches = this.store.batches();
		if (batches.countFailed(connection, this.definition.name()) < MOST_FAILED_ROWS) {
			return false;
		}
		this.store.failMigration(connection, this.definition,
				String.valueOf(batches.describeFailed(connection, this.definition.name())));
		return true;
	}

	/** Ends the whole migration, until an operator lets it run again. */
	Step endWith(Connection connection, String error) throws SQLException {
		return Transactions.run(connection, () -> {
			this.store.failMigration(connection, this.definition, error);
			return Step.ended();
		});
	}

	/** Adds what the server cannot know. */
	static String explain(BackgroundDefinition definition, String error) {
		return (definition.alias() == null && error.contains("42P01"))
				? error + ". If the table is given another name there, declare that name as alias" : error;
	}

}
