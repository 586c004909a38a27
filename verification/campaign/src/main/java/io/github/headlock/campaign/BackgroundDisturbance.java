package io.github.headlock.campaign;

import java.time.Duration;

/**
 * Something that happens beside the faults of a round about background migrations.
 *
 * @param kind what happens
 * @param delay when, in milliseconds after the one before is over
 * @param length how long it lasts, in milliseconds
 */
record BackgroundDisturbance(BackgroundDisturbanceKind kind, int delay, int length) {

	/** A hold is noticed within 10 s and looked at again after 10 s. */
	private static final Duration AFTERWARDS = Duration.ofSeconds(25);

	/** How much later others may go on with a batch because of it. */
	Duration delaysFor() {
		return Duration.ofMillis(this.length).plus(AFTERWARDS);
	}

	@Override
	public String toString() {
		return this.kind.toString();
	}

}
