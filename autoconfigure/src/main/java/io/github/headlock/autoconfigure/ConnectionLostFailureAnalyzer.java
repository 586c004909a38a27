package io.github.headlock.autoconfigure;

import io.github.headlock.ConnectionLostException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link ConnectionLostException}.
 */
final class ConnectionLostFailureAnalyzer extends AbstractFailureAnalyzer<ConnectionLostException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ConnectionLostException cause) {
		return new FailureAnalysis(
				cause.getMessage() + ". The lock is free, and a transactional migration is rolled back.",
				"Start again; the migrations that are not recorded are then applied. One that is not transactional, "
						+ "such as CREATE INDEX CONCURRENTLY, may have left an effect that has to be removed first.",
				cause);
	}

}
