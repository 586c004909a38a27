package io.github.headlock.background;

import org.jspecify.annotations.Nullable;

/**
 * What the gate has found of a background migration that a migration requires.
 *
 * @param objection why the migration must not be begun, {@code null} if nothing is
 * against it
 * @param remedy what to do about it, {@code null} if there is no objection
 * @param toFinish whether it is to be finished first
 * @param goesOn whether the release before works on it, if there is an objection
 */
record Verdict(@Nullable String objection, @Nullable String remedy, boolean toFinish, boolean goesOn) {

	static final Verdict OPEN = new Verdict(null, null, false, false);

	static final Verdict TO_FINISH = new Verdict(null, null, true, false);

	static Verdict closed(String objection, String remedy) {
		return new Verdict(objection, remedy, false, false);
	}

	/** Closed for now: the release before works on it. */
	static Verdict notYet(String objection, String remedy) {
		return new Verdict(objection, remedy, false, true);
	}

}
