package io.github.headlock.autoconfigure;

import io.github.headlock.HeadlockException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Reports a {@link HeadlockException} as it describes itself.
 */
final class HeadlockFailureAnalyzer extends AbstractFailureAnalyzer<HeadlockException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, HeadlockException cause) {
		if (cause.getAction() != null) {
			return new FailureAnalysis(cause.getDescription(), cause.getAction(), cause);
		}
		return (cause.getCause() != null) ? analyze(cause.getCause()) : null;
	}

}
