package io.github.headlock.history;

import java.util.List;

/**
 * Holds what one read of the history table told.
 *
 * @param exists whether there is a history table
 * @param rows its rows, in the order of installation
 * @param schemasMissing whether a schema that Flyway is to create does not exist
 * @param rowSecurity whether row level security may hide rows from the role that read it
 * @param standby whether it was read from a standby, which may be behind its primary
 */
public record History(boolean exists, List<HistoryRow> rows, boolean schemasMissing, boolean rowSecurity,
		boolean standby) {

	/**
	 * Makes what is read of a table that does not exist.
	 * @param standby whether it was looked for on a standby
	 * @return a history without rows
	 */
	public static History none(boolean standby) {
		return new History(false, List.of(), true, false, standby);
	}

}
