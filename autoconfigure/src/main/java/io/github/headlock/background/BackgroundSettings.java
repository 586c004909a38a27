package io.github.headlock.background;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Holds what a team decides about background migrations.
 *
 * @param run which processes work on them
 * @param workers most batches of one migration that are open at a time, over all
 * processes; positive
 * @param targetDuration what a batch should take
 * @param batchTimeout what a batch may take
 * @param load share of time at work, above 0 and at most 1
 * @param finalizeWithin longest that a migration may wait for the end of those that it
 * requires; zero for not at all
 * @param skip name of the one whose gate passes nevertheless, {@code null} for none
 * @param passPause pause after the first pass, which grows with each that changed
 * something
 * @param throttle when they hold
 */
public record BackgroundSettings(BackgroundRun run, int workers, Duration targetDuration, Duration batchTimeout,
		double load, Duration finalizeWithin, @Nullable String skip, Duration passPause, ThrottleSettings throttle) {

	/** Pause after the first pass. */
	public static final Duration PASS_PAUSE = Duration.ofMinutes(1);

	/**
	 * A look at the whole table reads it from one end to the other, and has to be given
	 * the time for that.
	 */
	private static final Duration LOOK_TIMEOUT = Duration.ofHours(1);

	/** Longest that a look at the whole table may take. */
	Duration lookTimeout() {
		return LOOK_TIMEOUT;
	}

}
