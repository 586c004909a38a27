package io.github.headlock.background;

import org.jspecify.annotations.Nullable;

/**
 * What the gate has found of a background migration that a migration requires.
 *
 * @param objection why the migration must not be begun, {@code null} if nothing is
 * against it
 * @param remedy what to do about it, {@code null} if there is no objection
 * @param toFinish whether it is to be finished first
 */
record Verdict(@Nullable String objection, @Nullable String remedy, boolean toFinish) {

	static final Verdict OPEN = new Verdict(null, null, false);

	static final Verdict TO_FINISH = new Verdict(null, null, true);

	static Verdict closed(String objection, String remedy) {
		return new Verdict(objection, remedy, false);
	}

}
