package io.github.headlock;

/**
 * Thrown when the history table holds a migration that failed, be it of this release or
 * of another. Nothing was changed. Exit code 1.
 */
public class FailedMigrationException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String historyTable;

	/**
	 * Creates the exception.
	 * @param historyTable quoted and qualified name of the history table
	 * @param status the schema at the last look
	 */
	public FailedMigrationException(String historyTable, SchemaStatus status) {
		super(1, "%s: %s".formatted(historyTable, status.reason()), null);
		this.historyTable = historyTable;
	}

	/**
	 * Returns the name of the history table.
	 * @return the quoted and qualified name
	 */
	public String getHistoryTable() {
		return this.historyTable;
	}

}
