package io.github.headlock.autoconfigure;

import io.github.headlock.LockTimeoutException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link LockTimeoutException}.
 */
final class LockTimeoutFailureAnalyzer extends AbstractFailureAnalyzer<LockTimeoutException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockTimeoutException cause) {
		return new FailureAnalysis("%s. The schema is %s. Nothing was changed.".formatted(cause.getMessage(), cause
			.getStatus()
			.state()), "If the migration that holds the lock is still at work, wait for it and start again, or raise "
					+ "headlock.lock.timeout. The query SELECT * FROM pg_locks WHERE locktype = 'advisory' shows the holder; "
					+ "pg_terminate_backend(pid) ends a holder that is stuck, and its lock with it.",
				cause);
	}

}
