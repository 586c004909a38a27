package io.github.headlock.autoconfigure;

import io.github.headlock.SessionsNotDrainedException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link SessionsNotDrainedException}.
 */
final class SessionsNotDrainedFailureAnalyzer extends AbstractFailureAnalyzer<SessionsNotDrainedException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, SessionsNotDrainedException cause) {
		String action = cause.isTerminating()
				? "Find out why these sessions do not end, or raise headlock.sessions.drain-timeout, and start again."
				: "Stop what holds these sessions, or set headlock.terminate-db-sessions=true: a connection pool or a pooler keeps "
						+ "its sessions open, so that without it they end only when its idle timeout does it.";
		if (!cause.getPreparedTransactions().isEmpty()) {
			action += " A prepared transaction ends only with COMMIT PREPARED or ROLLBACK PREPARED.";
		}
		return new FailureAnalysis(
				cause.getMessage() + "\nNo migration was run, and the roles are let in again as before.", action,
				cause);
	}

}
