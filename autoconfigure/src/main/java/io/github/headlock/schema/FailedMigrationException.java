package io.github.headlock.schema;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import io.github.headlock.SchemaStatus;
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

	@Override
	public String getDescription() {
		return String.format(Locale.ROOT, "The history table %s. Nothing was changed.", getMessage());
	}

	@Override
	public String getAction() {
		return String.format(Locale.ROOT, "Remove what the failed migration left behind%s, then %s and start again.",
				indexes(), deletion());
	}

	/** As statements that can be pasted, because each must be run on its own. */
	private String indexes() {
		return (this.invalidIndexes.length == 0) ? ""
				: Arrays.stream(this.invalidIndexes)
					.map(PrintableText::name)
					.collect(Collectors.joining("; DROP INDEX CONCURRENTLY ",
							" (INVALID indexes: DROP INDEX CONCURRENTLY ", ")"));
	}

	/**
	 * Another release's failed row stays, because that release has to be repaired, too.
	 */
	private String deletion() {
		String table = PrintableText.name(this.historyTable);
		return (this.failedRows.length == 0) ? "delete its row from " + table
				: Arrays.stream(this.failedRows)
					.map((row) -> String.format(Locale.ROOT, "DELETE FROM %s WHERE NOT success AND %s;", table,
							row.condition()))
					.collect(Collectors.joining(" ", "run ", ""));
	}

	/**
	 * A failed migration in the history table.
	 *
	 * @param version its version, {@code null} for a repeatable migration
	 * @param description its description as the table has it, which Flyway cuts at 200
	 * characters
	 */
	public record FailedRow(@Nullable String version, String description) implements Serializable {

		private String condition() {
			return (this.version != null) ? "version = " + literal(this.version)
					: "version IS NULL AND description = " + literal(this.description);
		}

		/** As {@code quote_literal}, and on one line whatever the text is. */
		private static String literal(String text) {
			String quoted = text.replace("'", "''");
			if (text.indexOf('\\') < 0 && text.codePoints().allMatch(PrintableText::isPrintable)) {
				return "'" + quoted + "'";
			}
			return quoted.replace("\\", "\\\\")
				.codePoints()
				.mapToObj((character) -> PrintableText.isPrintable(character) ? Character.toString(character)
						: String.format(Locale.ROOT, (character <= Character.MAX_VALUE) ? "\\u%04x" : "\\U%08x",
								character))
				.collect(Collectors.joining("", "E'", "'"));
		}

	}

}
