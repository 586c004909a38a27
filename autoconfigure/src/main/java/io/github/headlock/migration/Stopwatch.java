package io.github.headlock.migration;

import java.time.Duration;
import java.util.Locale;

/**
 * Measures from its creation, by the monotonic clock.
 */
final class Stopwatch {

	private final long start = System.nanoTime();

	Duration elapsed() {
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

	static String seconds(Duration duration) {
		return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
	}

}
