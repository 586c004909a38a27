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

	OTHERS("other databases and roles untouched"),

	FINISHED("every background migration finished"),

	ATOMIC("every batch's effect and its progress together"),

	OPEN_BATCHES("no more open batches than workers"),

	TAKEN_AGAIN("every batch taken again after a fault"),

	PAUSED("nothing done while paused, or by a release without the code"),

	GATE("no migration begun before its background migration is finished"),

	REFUSAL("a refused start changes no schema"),

	GIVEN_BACK("the release before a refused one goes on with its text"),

	DEADLOCK("no deadlock of the application"),

	IDLE("no setting and no idle session left"),

	HEALTH("health not changed by background work"),

	HOLD("no batch begun while it holds, and no hold left when it is finished"),

	FULL_SPEED("full speed ends with the work"),

	JOB("a Job succeeds when the background migrations of its release are finished, and only then");

	/** What is checked where releases are rolled out. */
	static final List<Invariant> OF_ROLLOUTS = List.of(EFFECTS, HISTORY, LOCKS, ROLES, SESSIONS, READY, EARLY,
			EXPLAINED, OTHERS);

	/** What is checked where background migrations are worked on. */
	static final List<Invariant> OF_BACKGROUND = List.of(FINISHED, ATOMIC, OPEN_BATCHES, TAKEN_AGAIN, PAUSED, GATE,
			REFUSAL, GIVEN_BACK, DEADLOCK, IDLE, HEALTH, HOLD, FULL_SPEED, JOB, HISTORY, LOCKS, SESSIONS, READY,
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
