package io.github.headlock.autoconfigure;

import io.github.headlock.LockLostException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link LockLostException}.
 */
final class LockLostFailureAnalyzer extends AbstractFailureAnalyzer<LockLostException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockLostException cause) {
		return new FailureAnalysis(
				cause.getMessage() + ". What was applied until then is recorded, and no further migration was started.",
				"Start again; the remaining migrations are then applied. If it happens again, look in the log of the server "
						+ "and of the pooler for what ends idle transactions, or set spring.flyway.url to the database itself.",
				cause);
	}

}
