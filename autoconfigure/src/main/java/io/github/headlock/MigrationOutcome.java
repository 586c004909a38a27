package io.github.headlock;

/**
 * Ways in which the database part of a start can end.
 */
public enum MigrationOutcome {

	/**
	 * The schema was ready at the first look: no lock, no Flyway run.
	 */
	FAST_PATH("fast-path"),

	/**
	 * This process ran Flyway.
	 */
	MIGRATED("migrated"),

	/**
	 * Another process migrated while this one waited.
	 */
	WAITED("waited"),

	/**
	 * This process never migrates, and looked only.
	 */
	SKIPPED("skipped"),

	/**
	 * The start failed.
	 */
	FAILED("failed");

	private final String id;

	MigrationOutcome(String id) {
		this.id = id;
	}

	/**
	 * Returns the name used in health details, metrics and log lines.
	 * @return the name, in lower case with dashes
	 */
	public String id() {
		return this.id;
	}

}
