package io.github.headlock.waiting;

import java.time.Duration;
import java.util.Locale;

/**
 * Measures from its creation, by the monotonic clock.
 */
public final class Stopwatch {

	private final long start = System.nanoTime();

	/** Creates a stopwatch that runs from now on. */
	public Stopwatch() {
	}

	/**
	 * Returns the time since its creation.
	 * @return the time
	 */
	public Duration elapsed() {
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

	/**
	 * Words a duration for the log.
	 * @param duration the duration
	 * @return seconds with one decimal, such as "0.4 s"
	 */
	public static String seconds(Duration duration) {
		return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
	}

}
