package io.github.headlock.startup;

/**
 * What a wait is for.
 */
enum WaitMode {

	/**
	 * A schema that is ready, or else the lock.
	 */
	SCHEMA_OR_LOCK,

	/**
	 * The lock, unless the schema is ahead.
	 */
	LOCK,

	/**
	 * A schema that is ready, and never the lock.
	 */
	SCHEMA

}
