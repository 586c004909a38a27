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
		return new FailureAnalysis(
				cause.getMessage() + ", and headlock.on-schema-ahead=fail is set. Nothing was changed.",
				"Deploy the release that the schema belongs to, or set headlock.on-schema-ahead=accept to let an older release "
						+ "work with the newer schema.",
				cause);
	}

}
