package io.github.headlock.campaign;

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
