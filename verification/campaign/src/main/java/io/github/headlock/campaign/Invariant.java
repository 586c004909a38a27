package io.github.headlock.campaign;

import java.util.List;

/**
 * What must hold after each round, whatever struck.
 */
enum Invariant {

	EFFECTS("every migration's effect exactly once"),

	HISTORY("history consistent with the release"),

	LOCKS("no advisory lock left"),

	ROLES("no role blocked"),

	SESSIONS("no session left in a transaction"),

	READY("every replica ready"),

	EARLY("no replica ready before its schema is"),

	EXPLAINED("every failed start explains itself"),

	OTHERS("other databases and roles untouched");

	/** What is checked where releases are rolled out. */
	static final List<Invariant> OF_ROLLOUTS = List.of(EFFECTS, HISTORY, LOCKS, ROLES, SESSIONS, READY, EARLY,
			EXPLAINED, OTHERS);

	private final String text;

	Invariant(String text) {
		this.text = text;
	}

	/**
	 * A case in which it did not hold.
	 *
	 * @param invariant what should hold
	 * @param seen what was seen
	 */
	record Violation(Invariant invariant, String seen) {

		@Override
		public String toString() {
			return this.invariant + ": " + this.seen;
		}

	}

	@Override
	public String toString() {
		return this.text;
	}

}
