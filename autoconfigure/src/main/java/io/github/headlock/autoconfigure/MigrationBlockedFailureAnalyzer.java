package io.github.headlock.autoconfigure;

import io.github.headlock.MigrationBlockedException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link MigrationBlockedException}.
 */
final class MigrationBlockedFailureAnalyzer extends AbstractFailureAnalyzer<MigrationBlockedException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, MigrationBlockedException cause) {
		String action = "Let the transactions in its way come to their end, or end them with pg_terminate_backend(pid), and start "
				+ "again. If they are always that long, raise headlock.ddl.lock-timeout or "
				+ "headlock.ddl.max-attempts, or keep the application out with headlock.sessions.roles.";
		if (cause.getBlockers().stream().anyMatch((blocker) -> blocker.pid() == 0)) {
			action += " A prepared transaction ends only with COMMIT PREPARED or ROLLBACK PREPARED.";
		}
		return new FailureAnalysis(
				cause.getMessage()
						+ ". With spring.flyway.group, its whole group was rolled back; all before that is applied.",
				action, cause);
	}

}
