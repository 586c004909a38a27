package io.github.headlock.startup;

/**
 * What a wait is for.
 */
enum WaitMode {

	/**
	 * A schema that is ready, or else the lock.
	 */
	SCHEMA_OR_LOCK("the migration lock"),

	/**
	 * The lock, unless the schema is ahead.
	 */
	LOCK("the migration lock"),

	/**
	 * A schema that is ready, and never the lock.
	 */
	SCHEMA("another process to migrate the schema");

	private final String purpose;

	WaitMode(String purpose) {
		this.purpose = purpose;
	}

	/**
	 * Says what is waited for, in words to be followed by "of" and the history table.
	 * @return words for the log
	 */
	String purpose() {
		return this.purpose;
	}

}
