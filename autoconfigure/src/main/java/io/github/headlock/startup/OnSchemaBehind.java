package io.github.headlock.startup;

/**
 * What a process that skips migrations does when the schema is not at head.
 */
public enum OnSchemaBehind {

	/**
	 * Start, and let health say it.
	 */
	REPORT,

	/**
	 * Start when another process has migrated.
	 */
	WAIT,

	/**
	 * End the start.
	 */
	FAIL

}
