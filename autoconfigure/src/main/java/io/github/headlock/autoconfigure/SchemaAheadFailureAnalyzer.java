package io.github.headlock.autoconfigure;

import io.github.headlock.SchemaAheadException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link SchemaAheadException}.
 */
final class SchemaAheadFailureAnalyzer extends AbstractFailureAnalyzer<SchemaAheadException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, SchemaAheadException cause) {
		boolean headlock = cause.getSetting().startsWith("headlock.");
		return new FailureAnalysis(
				cause.getMessage() + ", and " + cause.getSetting() + (headlock ? " is set" : " refuses that")
						+ ". Nothing was changed.",
				"Deploy the release that the schema belongs to, or "
						+ (headlock ? "set headlock.on-schema-ahead=accept"
								: "add *:future to spring.flyway.ignore-migration-patterns")
						+ " to let an older release work with the newer schema.",
				cause);
	}

}
