package io.github.headlock.history;

import java.util.List;

/**
 * Holds what one read of the history table told.
 *
 * @param exists whether there is a history table
 * @param rows its rows, in the order of installation
 * @param schemasMissing whether a schema that Flyway is to create does not exist
 * @param rowSecurity whether row level security may hide rows from the role that read it
 */
public record History(boolean exists, List<HistoryRow> rows, boolean schemasMissing, boolean rowSecurity) {

	/** What is read of a table that does not exist. */
	public static final History NONE = new History(false, List.of(), true, false);

}
