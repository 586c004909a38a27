package io.github.headlock.autoconfigure;

import java.util.Locale;

import io.github.headlock.PoolTooSmallException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link PoolTooSmallException}.
 */
final class PoolTooSmallFailureAnalyzer extends AbstractFailureAnalyzer<PoolTooSmallException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PoolTooSmallException cause) {
		return new FailureAnalysis(cause.getMessage(), String.format(Locale.ROOT,
				"Let the pool have at least %d connections: set spring.datasource.hikari.maximum-pool-size, or the "
						+ "maximum size of a pool of another kind or of the application's own. Or set spring.flyway.url, "
						+ "spring.flyway.user and spring.flyway.password: migrations then use no pool.",
				cause.getNeeded()), cause);
	}

}
