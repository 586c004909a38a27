package io.github.headlock.background;

import java.time.Duration;
import java.util.Locale;

/**
 * Says amounts that operators read, as exactly as they need them.
 */
final class Amounts {

	private Amounts() {
	}

	/** Such as "2 h 10 min", "12 min" or "45 s". */
	static String duration(Duration duration) {
		long minutes = duration.toMinutes();
		if (minutes >= 60) {
			return String.format(Locale.ROOT, "%d h %d min", minutes / 60, minutes % 60);
		}
		return (minutes >= 2) ? minutes + " min" : duration.toSeconds() + " s";
	}

}
