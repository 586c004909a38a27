package io.github.headlock.background;

import java.time.Duration;

/**
 * Pauses between the passes of a background migration that is to be finished soon, while
 * somebody writes rows that need it. Every second pass follows at once: what was written
 * in a pause is changed by the pass after it, so that only the next one may find nothing
 * to change.
 */
final class PassPauses {

	private static final Duration FIRST = Duration.ofMillis(100);

	/** Longer pauses are those of a normal pace. */
	static final Duration LONGEST = Duration.ofSeconds(1);

	private int ended;

	/** The pause after a pass that has changed something. */
	Duration next() {
		this.ended++;
		return after(this.ended);
	}

	/**
	 * The pause after a pass that has changed something.
	 * @param pass its number, from 1
	 */
	static Duration after(int pass) {
		if (pass % 2 != 0) {
			return Duration.ZERO;
		}
		Duration pause = FIRST.multipliedBy(1L << Math.min(pass / 2 - 1, 10));
		return (pause.compareTo(LONGEST) < 0) ? pause : LONGEST;
	}

	/** Whether rows are written all the time, as far as that can be told. */
	boolean areMany() {
		return this.ended >= PassEnd.PATIENT_PASSES;
	}

}
