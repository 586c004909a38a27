package io.github.headlock.campaign;

/**
 * A moment in a rollout that can be recognised, and so struck precisely.
 */
enum Step {

	/** A replica's JVM is up. */
	STARTING("starting"),

	/** A replica waits for the lock that another one holds. */
	WAITING("waiting"),

	/** A replica has just taken the lock. */
	LOCK_TAKEN("lock taken"),

	/** The lock's holder is about to block the application's roles. */
	BLOCKING("blocking"),

	/** The roles are blocked, and their sessions still there. */
	DRAINING("draining"),

	/** A migration queues for a table, or waits to do so again. */
	QUEUEING("queueing"),

	/** A migration has begun and had no effect yet. */
	INSIDE("inside"),

	/** A migration has had its effect, and its row is not written. */
	RECORDING("before recording"),

	/** The migrations are done, and the roles about to be let in. */
	LETTING_IN("letting in"),

	/** The first replica is ready. */
	READY("ready"),

	/** Any moment, so many milliseconds after the rollout began. */
	ANYTIME("after");

	private final String text;

	Step(String text) {
		this.text = text;
	}

	/** Whether the step belongs to one migration. */
	boolean isOfMigration() {
		return this == QUEUEING || this == INSIDE || this == RECORDING;
	}

	/** Whether a replica that is at it goes on to something else in a moment. */
	boolean isPassing() {
		return this == STARTING || this == WAITING || this == LOCK_TAKEN || this == QUEUEING || this == READY;
	}

	/** Whether somebody holds the lock and goes on to migrate. */
	boolean isUnderLock() {
		return compareTo(LOCK_TAKEN) >= 0 && compareTo(LETTING_IN) <= 0;
	}

	/** As tables name it. */
	String title() {
		return (this == ANYTIME) ? "any time" : this.text;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
