package io.github.headlock.background;

import java.time.Duration;

/**
 * Pauses between the passes of a start that finishes a background migration while
 * somebody writes rows that need it. Every second pass follows at once: what was written
 * in a pause is changed by the pass after it, so that only the next one may find nothing
 * to change.
 */
final class PassPauses {

	private static final Duration FIRST = Duration.ofMillis(100);

	private static final Duration LONGEST = Duration.ofSeconds(1);

	private int ended;

	/** The pause after a pass that has changed something. */
	Duration next() {
		this.ended++;
		if (this.ended % 2 != 0) {
			return Duration.ZERO;
		}
		Duration pause = FIRST.multipliedBy(1L << Math.min(this.ended / 2 - 1, 10));
		return (pause.compareTo(LONGEST) < 0) ? pause : LONGEST;
	}

	/** Whether rows are written all the time, as far as that can be told. */
	boolean areMany() {
		return this.ended >= PassEnd.PATIENT_PASSES;
	}

}
