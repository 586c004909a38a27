package io.github.headlock.autoconfigure;

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
				"Remove what the failed migration left behind, then run Flyway's repair, which deletes the failed row from "
						+ cause.getHistoryTable() + ", and start again.",
				cause);
	}

}
