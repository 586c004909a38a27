package io.github.headlock.migration;

/**
 * What a wait is for.
 */
enum Aim {

	/**
	 * A schema that is ready, or else the lock.
	 */
	READY,

	/**
	 * The lock, unless the schema is ahead.
	 */
	LOCK,

	/**
	 * A schema that is ready, and never the lock.
	 */
	WATCH

}
