package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.background.BackgroundActionException.Reason;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;

/**
 * Works on the next batch of a background migration, and rolls that back, so that an
 * operator sees what it would do. Rows that have failed before are tried as well.
 */
final class BatchTrial {

	/** Of a migration without progress. */
	private static final int FIRST_SIZE = 1000;

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	private final Duration batchTimeout;

	private final WorkTransaction transaction;

	private long rows;

	/** Identifies the transaction, {@code null} if it has not begun. */
	private @Nullable Long xid;

	BatchTrial(BackgroundStore store, BackgroundDefinition definition, Duration batchTimeout, String schema) {
		this.store = store;
		this.definition = definition;
		this.batchTimeout = batchTimeout;
		this.transaction = new WorkTransaction(schema, batchTimeout);
	}

	/**
	 * Works on a batch, with the bounds of one that is kept.
	 * @param connection the connection, in autocommit mode
	 * @param progress how far it is, {@code null} if it has not begun
	 * @return what the batch did
	 * @throws BackgroundActionException if somebody migrates
	 * @throws SQLException if the connection is lost for another reason
	 */
	BackgroundTrial run(Connection connection, @Nullable Progress progress) throws SQLException {
		BackgroundTrial trial = attempt(connection, progress);
		return isCommitted(connection) ? trial.committed() : trial;
	}

	/** Code of the team can do that, although it must not. */
	private boolean isCommitted(Connection connection) throws SQLException {
		return this.xid != null && !connection.isClosed() && Statements.isTrue(connection,
				"SELECT pg_catalog.pg_xact_status(?::bigint::text::pg_catalog.xid8) = 'committed'", this.xid);
	}

	private BackgroundTrial attempt(Connection connection, @Nullable Progress progress) throws SQLException {
		Stopwatch stopwatch = new Stopwatch();
		try {
			this.transaction.begin(connection);
			if (this.store.isMigrating(connection)) {
				throw new BackgroundActionException(Reason.REFUSED,
						"Somebody holds the migration lock, and no batch is worked on meanwhile");
			}
			this.xid = Statements.one(connection, "SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text::bigint",
					(row) -> row.getLong(1));
			BatchSql sql = new BatchSql(this.definition, TargetTable.read(connection, this.definition));
			Piece piece = next(connection, sql, progress);
			this.rows = piece.rows();
			long changed = this.definition.effect().apply(connection, sql.rows(piece, List.of()));
			String problem = stillMatching(connection, sql, piece);
			this.transaction.ensureInTime(stopwatch.elapsed());
			this.transaction.beginRecord(connection);
			Duration took = stopwatch.elapsed();
			Transactions.end(connection);
			return BackgroundTrial.of(this.rows, changed, took, problem);
		}
		catch (InvalidBackgroundMigrationException ex) {
			Transactions.rollback(connection, ex);
			return failed(stopwatch, PrintableText.line(ex.getMessage()) + ". " + ex.getAction());
		}
		catch (SQLException ex) {
			Transactions.rollback(connection, ex);
			if (connection.isClosed() && stopwatch.elapsed().compareTo(this.batchTimeout) < 0) {
				throw ex;
			}
			return failed(stopwatch, BatchFailures.explain(this.definition, BatchFailure.describe(ex)));
		}
		catch (RuntimeException ex) {
			Transactions.rollback(connection, ex);
			throw ex;
		}
	}

	private BackgroundTrial failed(Stopwatch stopwatch, String problem) {
		return BackgroundTrial.of(this.rows, null, stopwatch.elapsed(), problem);
	}

	private Piece next(Connection connection, BatchSql sql, @Nullable Progress progress) throws SQLException {
		int size = (progress != null) ? progress.batchSize() : FIRST_SIZE;
		boolean goesOn = progress != null && sql.table().keyColumns().equals(progress.keyColumns());
		Piece next = piece(connection, sql, (progress != null && goesOn) ? progress.cursor() : null, size);
		// at the end of a pass, as the next one begins
		return (next.rows() > 0) ? next : piece(connection, sql, null, size);
	}

	private static Piece piece(Connection connection, BatchSql sql, @Nullable List<String> cursor, int size)
			throws SQLException {
		KeyRange rest = new KeyRange(cursor, null);
		List<String> upper = Statements.key(connection, sql.keyAt(rest, size));
		return (upper != null) ? new Piece(rest.upTo(upper), null, size)
				: new Piece(rest, null, sql.countRows(connection, rest));
	}

	private static @Nullable String stillMatching(Connection connection, BatchSql sql, Piece piece)
			throws SQLException {
		List<List<String>> keys = Statements.keys(connection, sql.stillMatching(piece.range(), 1));
		return keys.isEmpty() ? null
				: String.format(Locale.ROOT,
						"rows still match where after its own update, such as the one with the key %s",
						PrintableText.line(keys.get(0).toString()));
	}

}
