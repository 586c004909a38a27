package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.headlock.FailedMigrationException;
import io.github.headlock.FailedMigrationException.FailedRow;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link FailedMigrationException}.
 */
final class FailedMigrationFailureAnalyzer extends AbstractFailureAnalyzer<FailedMigrationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, FailedMigrationException cause) {
		return new FailureAnalysis(
				String.format(Locale.ROOT, "The history table %s. Nothing was changed.", cause.getMessage()),
				String.format(Locale.ROOT, "Remove what the failed migration left behind%s, then %s and start again.",
						indexes(cause.getInvalidIndexes()), deletion(cause)),
				cause);
	}

	/** As statements that can be pasted, because each must be run on its own. */
	private static String indexes(List<String> invalid) {
		return invalid.isEmpty() ? ""
				: invalid.stream()
					.collect(Collectors.joining("; DROP INDEX CONCURRENTLY ",
							" (INVALID indexes: DROP INDEX CONCURRENTLY ", ")"));
	}

	/** Another release's failed row stays, because that release has to be cured, too. */
	private static String deletion(FailedMigrationException cause) {
		String table = cause.getHistoryTable();
		return cause.getFailedRows().isEmpty() ? "delete its row from " + table : cause.getFailedRows()
			.stream()
			.map((row) -> String.format(Locale.ROOT, "DELETE FROM %s WHERE NOT success AND %s;", table, condition(row)))
			.collect(Collectors.joining(" ", "run ", ""));
	}

	private static String condition(FailedRow row) {
		return (row.version() != null) ? "version = " + literal(row.version())
				: "version IS NULL AND description = " + literal(row.description());
	}

	/** As {@code quote_literal}, and on one line whatever the text is. */
	private static String literal(String text) {
		String quoted = text.replace("'", "''");
		if (text.indexOf('\\') < 0 && text.chars().noneMatch(Character::isISOControl)) {
			return "'" + quoted + "'";
		}
		return quoted.replace("\\", "\\\\")
			.chars()
			.mapToObj((unit) -> Character.isISOControl(unit) ? String.format(Locale.ROOT, "\\u%04x", unit)
					: Character.toString(unit))
			.collect(Collectors.joining("", "E'", "'"));
	}

}
