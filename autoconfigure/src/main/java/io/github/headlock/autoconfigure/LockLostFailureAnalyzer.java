package io.github.headlock.autoconfigure;

import java.util.Locale;

import io.github.headlock.LockHolder;
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

	private static final String WHO_KEEPS_THE_FENCE = "If it is a migration that is still at work, wait for its end and "
			+ "start again. Otherwise pg_terminate_backend(%s) ends the session, and frees the fence with it; then find "
			+ "out why its role takes an advisory lock of the history table.";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LockLostException cause) {
		return new FailureAnalysis(
				cause.getMessage() + ". What was applied until then is recorded, and no further migration was started.",
				action(cause), cause);
	}

	private static String action(LockLostException cause) {
		LockHolder holder = cause.getHolder();
		if (holder != null) {
			return String.format(Locale.ROOT, WHO_KEEPS_THE_FENCE, holder.pid());
		}
		return cause.isContested() ? WHO_MIGRATES : WHAT_ENDS_SESSIONS;
	}

}
