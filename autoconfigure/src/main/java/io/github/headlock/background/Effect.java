package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What a background migration does to the rows of a batch.
 */
interface Effect {

	/**
	 * Does it, in the transaction of a connection.
	 * @param connection the connection
	 * @param rows a condition on the rows, which locks them, and leaves out those that
	 * others have locked
	 * @return number of rows that were changed
	 * @throws InvalidBackgroundMigrationException if nothing of the kind can be done at
	 * all
	 * @throws SQLException if it failed for these rows, or the connection is lost
	 */
	long apply(Connection connection, Clause rows) throws SQLException;

	/**
	 * Whether a row has to be locked as if it were deleted: it may be, or a column that
	 * other tables refer to may be set. Rather once too often: the stronger lock only
	 * keeps out who adds a row that refers to it.
	 * @param referable names of the columns of unique indexes
	 */
	boolean needsRowLock(List<String> referable);

	/**
	 * The same, of a row for which it waits, so that nothing else is to be waited for
	 * once it has the row.
	 */
	default boolean mayNeedRowLock(List<String> referable) {
		return needsRowLock(referable);
	}

	/**
	 * How many rows a second it changes without pauses, as long as nobody has seen it.
	 */
	double usualRowsPerSecond();

	/** Identifies it, as far as it can be told from others. */
	String text();

}
