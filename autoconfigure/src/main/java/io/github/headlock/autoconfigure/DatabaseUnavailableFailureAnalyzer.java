package io.github.headlock.autoconfigure;

import io.github.headlock.DatabaseUnavailableException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link DatabaseUnavailableException}.
 */
final class DatabaseUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<DatabaseUnavailableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, DatabaseUnavailableException cause) {
		return new FailureAnalysis(cause.getMessage(),
				"Check that PostgreSQL runs and can be reached from here, and that spring.datasource.url, username and password "
						+ "are right (or spring.flyway.url, user and password, if they are set). A pool or a pooler must allow at least two "
						+ "server connections.",
				cause);
	}

}
