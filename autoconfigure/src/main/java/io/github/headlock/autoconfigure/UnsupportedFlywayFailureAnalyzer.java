package io.github.headlock.autoconfigure;

import io.github.headlock.UnsupportedFlywayException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link UnsupportedFlywayException}.
 */
final class UnsupportedFlywayFailureAnalyzer extends AbstractFailureAnalyzer<UnsupportedFlywayException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedFlywayException cause) {
		return new FailureAnalysis(cause.getMessage(),
				"Use the Flyway version that Spring Boot manages, or a Headlock release made for yours. Until then, "
						+ "headlock.enabled=false brings back Flyway's own behaviour.",
				cause);
	}

}
