package io.github.headlock.startup;

/**
 * Whether a schema that is at head already needs neither the lock nor Flyway.
 */
public enum FastPath {

	/**
	 * It needs neither, unless Flyway has work to do at every start, such as callbacks.
	 */
	AUTO,

	/**
	 * Take the lock and run Flyway at every start, unless the schema is ahead.
	 */
	OFF

}
