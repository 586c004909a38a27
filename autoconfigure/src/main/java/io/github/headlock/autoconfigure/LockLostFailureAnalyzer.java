package io.github.headlock.autoconfigure;

import io.github.headlock.LockLostException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link LockLostException}.
 */
final class LockLostFailureAnalyzer extends AbstractFailureAnalyzer<LockLostException> {

	private static final String WHAT_ENDS_SESSIONS = "Start again; the remaining migrations are then applied. If it "
			+ "happens again, look in the log of the server and of the pooler for restarts and for what ends idle "
			+ "transactions, or set spring.flyway.url to the database itself.";

	private static final String WHO_MIGRATES = "Find who writes to the history table, in pg_stat_activity and in "
			+ "what else migrates this database: a tool that takes another lock, or none. Then start again.";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockLostException cause) {
		return new FailureAnalysis(
				cause.getMessage() + ". What was applied until then is recorded, and no further migration was started.",
				cause.isContested() ? WHO_MIGRATES : WHAT_ENDS_SESSIONS, cause);
	}

}
