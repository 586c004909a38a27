package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.stream.Collectors;

import io.github.headlock.FailedMigrationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link FailedMigrationException}.
 */
final class FailedMigrationFailureAnalyzer extends AbstractFailureAnalyzer<FailedMigrationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, FailedMigrationException cause) {
		return new FailureAnalysis("The history table %s. Nothing was changed.".formatted(cause.getMessage()),
				"Remove what the failed migration left behind%s, then run DELETE FROM %s WHERE NOT success; and start again."
					.formatted(indexes(cause.getInvalidIndexes()), cause.getHistoryTable()),
				cause);
	}

	/** As statements that can be pasted, because each must be run on its own. */
	private static String indexes(List<String> invalid) {
		return invalid.isEmpty() ? ""
				: invalid.stream()
					.collect(Collectors.joining("; DROP INDEX CONCURRENTLY ",
							" (INVALID indexes: DROP INDEX CONCURRENTLY ", ")"));
	}

}
