package io.github.headlock.autoconfigure;

import io.github.headlock.SchemaBehindException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link SchemaBehindException}.
 */
final class SchemaBehindFailureAnalyzer extends AbstractFailureAnalyzer<SchemaBehindException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, SchemaBehindException cause) {
		return new FailureAnalysis(
				cause.getMessage() + ". headlock.skip-migrations=true is set, so nothing was changed.",
				"Let the process that migrates, such as the Job of this release, do its work, and start again. "
						+ "headlock.on-schema-behind decides what happens meanwhile: report starts and lets health say it, "
						+ "wait waits for at most headlock.schema-wait-timeout, fail ends the start.",
				cause);
	}

}
