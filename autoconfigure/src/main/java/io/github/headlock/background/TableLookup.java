package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/**
 * Looks the table of a background migration up, and keeps what was found until a pass
 * begins or a batch fails. To be used by one thread.
 */
final class TableLookup {

	private final BackgroundStore store;

	private final BackgroundDefinition definition;

	private final WorkTransaction transaction;

	/** Null until the table was looked up. */
	private @Nullable BatchSql known;

	/** Whether it was looked up before the present step. */
	private boolean old;

	TableLookup(BackgroundStore store, BackgroundDefinition definition, WorkTransaction transaction) {
		this.store = store;
		this.definition = definition;
		this.transaction = transaction;
	}

	/**
	 * Looks it up in the transaction of a connection.
	 * @throws InvalidBackgroundMigrationException if the table does not fit
	 */
	BatchSql sql(Connection connection) throws SQLException {
		BatchSql known = this.known;
		if (known == null) {
			known = keep(TargetTable.read(connection, this.definition));
		}
		return known;
	}

	/**
	 * Looks it up for the next batch, anew in each pass, and begins the pass again if the
	 * key has changed.
	 * @param connection the connection, in a transaction that has locked the progress
	 * @param progress the progress
	 */
	BatchSql sql(Connection connection, Progress progress) throws SQLException {
		BatchSql known = this.known;
		if (known != null && progress.cursor() != null && known.table().keyColumns().equals(progress.keyColumns())) {
			return known;
		}
		TargetTable table = TargetTable.read(connection, this.definition);
		boolean other = !table.keyColumns().equals(progress.keyColumns());
		if (other || progress.rowsEstimated() == null) {
			this.store.restartPass(connection, progress.name(), table.keyColumns(), table.rows());
		}
		if (other && progress.keyColumns() != null) {
			this.store.batches().forgetFailedRows(connection, progress.name());
		}
		return keep(table);
	}

	private BatchSql keep(TargetTable table) {
		BatchSql found = new BatchSql(this.definition, table);
		this.known = found;
		this.old = false;
		return found;
	}

	/** Looks it up in a transaction of its own. */
	BatchSql lookUp(Connection connection) throws SQLException {
		try {
			this.transaction.begin(connection);
			BatchSql sql = sql(connection);
			Transactions.end(connection);
			return sql;
		}
		catch (SQLException | RuntimeException ex) {
			Transactions.rollback(connection, ex);
			throw ex;
		}
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
			Transactions.end(connection);
		}
	}

	/** Takes note that what is known now may not be true any more. */
	void beginStep() {
		this.old = this.known != null;
	}

	/**
	 * Forgets it, because the table may have changed.
	 * @return whether it was looked up before the present step, so that a statement that
	 * does not fit the table may fit when the table is looked up anew
	 */
	boolean forget() {
		boolean wasOld = this.old;
		this.known = null;
		this.old = false;
		return wasOld;
	}

}
