package io.github.headlock.flyway;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.PrintableText;
import io.github.headlock.flyway.RunResult.LockNotAvailable;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Stopwatch;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a migration that has queued for a lock for too long give up its place, so that the
 * application's statements behind it flow on, and queue again after a pause.
 */
final class LockTimeoutRetry {

	private static final Logger logger = LoggerFactory.getLogger(LockTimeoutRetry.class);

	private static final String LOCK_NOT_AVAILABLE = "55P03";

	private static final String DEADLOCK_DETECTED = "40P01";

	private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

	/** Null where no migration gives up its place. */
	private final @Nullable DdlSettings settings;

	private final Map<String, Integer> attempts = new HashMap<>();

	LockTimeoutRetry(@Nullable DdlSettings settings) {
		this.settings = settings;
	}

	/**
	 * Pauses before a migration queues again.
	 * @param blocked how it lost its place
	 * @throws MigrationBlockedException if it was its last attempt
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	void backOff(LockNotAvailable blocked) {
		int attempt = this.attempts.merge(blocked.script(), 1, Integer::sum);
		if (this.settings == null || attempt >= this.settings.maxAttempts()) {
			throw new MigrationBlockedException(blocked.script(), attempt, blocked.reason(), blocked.blockers(),
					blocked.cause());
		}
		pause(blocked, attempt, this.settings.maxAttempts());
	}

	/**
	 * Finds out whether a migration failed because it lost its place in the queue for a
	 * lock.
	 * @param failure Flyway's error
	 * @param settings how long it may queue
	 * @return why it lost its place, {@code null} if it failed for another reason
	 */
	static @Nullable String reason(FlywayException failure, DdlSettings settings) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sql) {
				if (LOCK_NOT_AVAILABLE.equals(sql.getSQLState())) {
					// NOWAIT has it as well, and only the message, in any language, tells
					// them apart
					return String.format(Locale.ROOT,
							"it did not get a lock that it needs (headlock.ddl.lock-timeout is %s)",
							Stopwatch.seconds(settings.lockTimeout()));
				}
				if (DEADLOCK_DETECTED.equals(sql.getSQLState())) {
					return "it ran into a deadlock";
				}
			}
		}
		return null;
	}

	private static void pause(LockNotAvailable blocked, int attempt, int maxAttempts) {
		Duration mean = meanPause(attempt);
		logger.warn(
				"Migration {} was rolled back, because {} (attempt {} of {}); blocked by: {}. Trying again in about {}",
				PrintableText.name(blocked.script()), blocked.reason(), attempt, maxAttempts,
				blocked.blockers().isEmpty() ? "no session that was seen" : blocked.blockers(),
				Stopwatch.seconds(mean));
		try (Backoff backoff = new Backoff("waiting to try migration " + blocked.script() + " again")) {
			backoff.sleepWithJitter(mean, LONGEST_PAUSE);
		}
	}

	/** How long to pause on average after this attempt, the first of which is 1. */
	static Duration meanPause(int attempt) {
		long doubled = FIRST_PAUSE.toMillis() << Math.min(attempt - 1, 10);
		return Duration.ofMillis(Math.min(doubled, LONGEST_PAUSE.toMillis()));
	}

}
