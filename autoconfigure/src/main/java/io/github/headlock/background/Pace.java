package io.github.headlock.background;

/**
 * How a process works on background migrations.
 */
enum Pace {

	/** With pauses, and not while somebody holds the migration lock. */
	WITH_PAUSES,

	/** Without pauses, by the process that holds the migration lock. */
	UNDER_LOCK;

	/** Whether this process holds the migration lock. */
	boolean isUnderLock() {
		return this == UNDER_LOCK;
	}

	/** Whether pauses that others have asked for do not count. */
	boolean isFullSpeed() {
		return this == UNDER_LOCK;
	}

}
