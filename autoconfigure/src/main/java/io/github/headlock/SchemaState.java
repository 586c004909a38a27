package io.github.headlock;

/**
 * States of a schema, seen from the release that looks at it.
 */
public enum SchemaState {

	/**
	 * Everything this release carries is applied, and nothing else is.
	 */
	AT_HEAD,

	/**
	 * Something this release carries is not applied, or is applied in another form. An
	 * empty database is behind.
	 */
	BEHIND,

	/**
	 * Every versioned migration of this release is applied, and newer ones of a later
	 * release are too.
	 */
	AHEAD,

	/**
	 * The history holds a migration that failed.
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
