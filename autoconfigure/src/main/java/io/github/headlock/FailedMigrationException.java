package io.github.headlock;

import java.util.List;

/**
 * Thrown when the history table holds a migration that failed, be it of this release or
 * of another. Nothing was changed. Exit code 1.
 */
public class FailedMigrationException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String historyTable;

	private final String[] invalidIndexes;

	/**
	 * Creates the exception.
	 * @param historyTable quoted and qualified name of the history table
	 * @param status the schema at the last look
	 * @param invalidIndexes quoted and qualified names of indexes that were not built to
	 * their end
	 */
	public FailedMigrationException(String historyTable, SchemaStatus status, List<String> invalidIndexes) {
		super(1, "%s: %s".formatted(historyTable, status.reason()), null);
		this.historyTable = historyTable;
		this.invalidIndexes = invalidIndexes.toArray(String[]::new);
	}

	/**
	 * Returns the name of the history table.
	 * @return the quoted and qualified name
	 */
	public String getHistoryTable() {
		return this.historyTable;
	}

	/**
	 * Returns the indexes that a failed {@code CREATE INDEX CONCURRENTLY} may have left
	 * behind.
	 * @return quoted and qualified names, empty if there are none
	 */
	public List<String> getInvalidIndexes() {
		return List.of(this.invalidIndexes);
	}

}
