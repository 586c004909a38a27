package io.github.headlock.waiting;

import java.time.Duration;

/**
 * Says when the log tells of a wait again: every ten seconds.
 */
public final class ReportInterval {

	private static final Duration LENGTH = Duration.ofSeconds(10);

	private Duration next;

	private ReportInterval(Duration first) {
		this.next = first;
	}

	/**
	 * Creates one for a wait that is told of when it begins.
	 * @return the interval
	 */
	public static ReportInterval fromTheBeginning() {
		return new ReportInterval(Duration.ZERO);
	}

	/**
	 * Creates one for a wait that is told of only if it lasts.
	 * @return the interval
	 */
	public static ReportInterval afterTheFirst() {
		return new ReportInterval(LENGTH);
	}

	/**
	 * Returns whether it is time to tell of the wait. If so, the next interval begins.
	 * @param waited time since the wait began
	 * @return whether it is time
	 */
	public boolean isDue(Duration waited) {
		if (waited.compareTo(this.next) < 0) {
			return false;
		}
		this.next = waited.plus(LENGTH);
		return true;
	}

}
