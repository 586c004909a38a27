package io.github.headlock.autoconfigure;

import java.util.Locale;

import io.github.headlock.LockTimeoutException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link LockTimeoutException}.
 */
final class LockTimeoutFailureAnalyzer extends AbstractFailureAnalyzer<LockTimeoutException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockTimeoutException cause) {
		String ending = " The query SELECT * FROM pg_locks WHERE locktype = 'advisory' shows the holder; "
				+ "pg_terminate_backend(pid) ends a holder that is stuck, and its lock with it.";
		if (cause.getTask() != null) {
			return new FailureAnalysis(
					String.format(Locale.ROOT, "%s. The schema is %s; the task was not run.", cause.getMessage(),
							cause.getStatus().state()),
					"If another process is still at work on such a task, start again when it has finished, or raise "
							+ "headlock.lock.timeout: it must be longer than all replicas need for their tasks, one "
							+ "after the other." + ending,
					cause);
		}
		return new FailureAnalysis(
				String.format(Locale.ROOT, "%s. The schema is %s. Nothing was changed.", cause.getMessage(),
						cause.getStatus().state()),
				"If the migration that holds the lock is still at work, wait for it and start again, or raise "
						+ "headlock.lock.timeout." + ending,
				cause);
	}

}
