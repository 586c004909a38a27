package io.github.headlock.flyway;

import java.util.List;

import io.github.headlock.jdbc.DatabaseSession;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/**
 * What one run of Flyway ended with.
 */
sealed interface RunResult {

	/**
	 * Returns how many migrations the run has applied, and recorded.
	 * @return the number, also of a run that failed after them
	 */
	int applied();

	/**
	 * Nothing is left to be applied.
	 *
	 * @param applied number of migrations that were applied
	 */
	record Done(int applied) implements RunResult {
	}

	/**
	 * A migration was not begun, because another process migrates.
	 *
	 * @param applied number of migrations that were applied
	 * @param cause what was seen of the other process
	 */
	record Overtaken(int applied, ConcurrentMigrationException cause) implements RunResult {
	}

	/**
	 * A migration did not get a lock that it needs, and was rolled back.
	 *
	 * @param applied number of migrations that were applied
	 * @param script script or class of the migration
	 * @param reason why it did not get the lock
	 * @param blockers the sessions that were last seen in its way, empty if none was
	 * @param cause Flyway's error
	 */
	record LockNotAvailable(int applied, String script, String reason, List<DatabaseSession> blockers,
			FlywayException cause) implements RunResult {
	}

	/**
	 * A migration was not begun, because its gate is closed.
	 *
	 * @param applied number of migrations that were applied
	 * @param script path of the migration
	 */
	record GateClosed(int applied, String script) implements RunResult {
	}

	/**
	 * The run failed, and another one would, too.
	 *
	 * @param applied number of migrations that were applied
	 * @param failure what the start ends with
	 * @param script path of the migration that has failed, {@code null} if none has
	 */
	record Failed(int applied, RuntimeException failure, @Nullable String script) implements RunResult {
	}

}
