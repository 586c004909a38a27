package io.github.headlock;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the history table holds a failed migration that stops this release: one of
 * its own, or one at or below its highest version. Nothing was changed. Exit code 1.
 */
public class FailedMigrationException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String historyTable;

	private final FailedRow[] failedRows;

	private final String[] invalidIndexes;

	/**
	 * Creates the exception.
	 * @param historyTable quoted and qualified name of the history table
	 * @param status the schema at the last look
	 * @param failedRows the rows that stop this release, empty if they could not be read
	 * again
	 * @param invalidIndexes quoted and qualified names of indexes that were not built to
	 * their end
	 */
	public FailedMigrationException(String historyTable, SchemaStatus status, List<FailedRow> failedRows,
			List<String> invalidIndexes) {
		super(1, String.format(Locale.ROOT, "%s: %s", historyTable, status.reason()), null);
		this.historyTable = historyTable;
		this.failedRows = failedRows.toArray(FailedRow[]::new);
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
	 * Returns the rows of the history table that stop this release. Failed rows of a
	 * later release are not among them.
	 * @return the rows, empty if they could not be read again
	 */
	public List<FailedRow> getFailedRows() {
		return List.of(this.failedRows);
	}

	/**
	 * Returns the indexes that a failed {@code CREATE INDEX CONCURRENTLY} may have left
	 * behind.
	 * @return quoted and qualified names, empty if there are none
	 */
	public List<String> getInvalidIndexes() {
		return List.of(this.invalidIndexes);
	}

	/**
	 * A failed migration in the history table.
	 *
	 * @param version its version, {@code null} for a repeatable migration
	 * @param description its description as the table has it, which Flyway cuts at 200
	 * characters
	 */
	public record FailedRow(@Nullable String version, String description) implements Serializable {
	}

}
