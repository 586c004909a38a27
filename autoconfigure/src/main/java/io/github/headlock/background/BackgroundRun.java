package io.github.headlock.background;

/**
 * Which processes work on background migrations while the application serves.
 */
public enum BackgroundRun {

	/** Those that may migrate, while the schema is at the head of their release. */
	AUTO,

	/**
	 * None; a migration that requires one finishes it at the gate, as far as that may.
	 */
	NEVER,

	/**
	 * Those that skip migrations as well. Their role needs SELECT, INSERT, UPDATE and
	 * DELETE on the two tables beside the history, and what the statements need.
	 */
	ALWAYS

}
