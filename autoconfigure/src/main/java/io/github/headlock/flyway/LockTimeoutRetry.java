package io.github.headlock.flyway;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.lock.HeldLock;
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
final class LockTimeoutRetry implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LockTimeoutRetry.class);

	private static final String LOCK_NOT_AVAILABLE = "55P03";

	private static final String DEADLOCK_DETECTED = "40P01";

	private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

	private final DdlSettings settings;

	private final BlockingSessionSampler blockers;

	private final Map<String, Integer> attempts = new HashMap<>();

	LockTimeoutRetry(DdlSettings settings, HeldLock lock, Fence fence) {
		this.settings = settings;
		this.blockers = new BlockingSessionSampler(lock, fence, settings.lockTimeout());
	}

	/**
	 * Returns, after a pause, whether a migration is to queue again.
	 * @param failure why Flyway gave up
	 * @param interrupted the migration that was under way, {@code null} if none was
	 * @return {@code false} if it did not fail because it queued, or was not rolled back
	 * @throws MigrationBlockedException if it was its last attempt
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	boolean again(FlywayException failure, @Nullable RunningMigration interrupted) {
		String reason = (interrupted != null && interrupted.transactional()) ? reason(failure) : null;
		if (interrupted == null || reason == null) {
			return false;
		}
		int attempt = this.attempts.merge(interrupted.script(), 1, Integer::sum);
		List<DatabaseSession> inTheWay = this.blockers.take();
		if (attempt >= this.settings.maxAttempts()) {
			throw new MigrationBlockedException(interrupted.script(), attempt, reason, inTheWay, failure);
		}
		pause(interrupted.script(), attempt, reason, inTheWay);
		return true;
	}

	/** Why it lost its place, {@code null} if it failed for another reason. */
	private @Nullable String reason(FlywayException failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sql) {
				if (LOCK_NOT_AVAILABLE.equals(sql.getSQLState())) {
					// NOWAIT has it as well, and only the message, in any language, tells
					// them apart
					return String.format(Locale.ROOT,
							"it did not get a lock that it needs (headlock.ddl.lock-timeout is %s)",
							Stopwatch.seconds(this.settings.lockTimeout()));
				}
				if (DEADLOCK_DETECTED.equals(sql.getSQLState())) {
					return "it ran into a deadlock";
				}
			}
		}
		return null;
	}

	private void pause(String script, int attempt, String reason, List<DatabaseSession> inTheWay) {
		Duration mean = meanPause(attempt);
		logger.warn(
				"Migration {} was rolled back, because {} (attempt {} of {}); in its way: {}. Trying again in about {}",
				PrintableText.name(script), reason, attempt, this.settings.maxAttempts(),
				inTheWay.isEmpty() ? "nobody who was seen" : inTheWay, Stopwatch.seconds(mean));
		try (Backoff patience = new Backoff("waiting to try migration " + script + " again")) {
			patience.pauseAround(mean, LONGEST_PAUSE);
		}
	}

	/** How long to pause on average after this attempt, the first of which is 1. */
	static Duration meanPause(int attempt) {
		long doubled = FIRST_PAUSE.toMillis() << Math.min(attempt - 1, 10);
		return Duration.ofMillis(Math.min(doubled, LONGEST_PAUSE.toMillis()));
	}

	@Override
	public void close() {
		this.blockers.close();
	}

}
