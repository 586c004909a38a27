package io.github.headlock.startup;

/**
 * What to do when the database has migrations of a later release.
 */
public enum OnSchemaAhead {

	/**
	 * Start, and never migrate.
	 */
	ACCEPT,

	/**
	 * End the start.
	 */
	FAIL

}
