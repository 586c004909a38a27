package io.github.headlock;

/**
 * States of a schema, seen from the release that looks at it.
 */
public enum SchemaState {

	/**
	 * Everything this release contains is applied, except what Flyway's target leaves
	 * out, which counts as pending. In a process that has been ready, it may have changed
	 * since, as long as the effect of no version is gone.
	 */
	AT_HEAD,

	/**
	 * Something this release contains is not applied, or is applied in another form. An
	 * empty database is behind.
	 */
	BEHIND,

	/**
	 * Every versioned migration of this release is applied, and newer ones of a later
	 * release are too, or failed.
	 */
	AHEAD,

	/**
	 * A migration of this release, or one at or below its highest version, has failed.
	 */
	FAILED,

	/**
	 * The state could not be read.
	 */
	UNKNOWN;

	/**
	 * Returns whether this release can work with the schema as it is.
	 * @return {@code true} for {@link #AT_HEAD} and {@link #AHEAD}
	 */
	public boolean isReady() {
		return this == AT_HEAD || this == AHEAD;
	}

}
