package io.github.headlock.autoconfigure;

import io.github.headlock.StartInterruptedException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link StartInterruptedException}.
 */
final class StartInterruptedFailureAnalyzer extends AbstractFailureAnalyzer<StartInterruptedException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, StartInterruptedException cause) {
		return new FailureAnalysis(cause.getMessage() + ". Nothing is left half done.",
				"The process was told to stop while it was starting; start again.", cause);
	}

}
