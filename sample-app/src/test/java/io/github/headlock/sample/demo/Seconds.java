package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Locale;

/**
 * Writes durations for people.
 */
final class Seconds {

	private Seconds() {
	}

	static String of(Duration duration) {
		return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
	}

}
