package io.github.headlock.autoconfigure;

import java.util.stream.Collectors;

import io.github.headlock.RolesNotBlockableException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link RolesNotBlockableException}.
 */
final class RolesNotBlockableFailureAnalyzer extends AbstractFailureAnalyzer<RolesNotBlockableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RolesNotBlockableException cause) {
		String cures = cause.getObstacles()
			.stream()
			.map((obstacle) -> "\n  - " + obstacle.cure())
			.distinct()
			.collect(Collectors.joining());
		return new FailureAnalysis(cause.getMessage() + "\nNo role was changed, and no migration was run.",
				"Have somebody who may do so remove what stands against it, and start again:" + cures, cause);
	}

}
