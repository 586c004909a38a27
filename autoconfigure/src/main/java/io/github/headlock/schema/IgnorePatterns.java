package io.github.headlock.schema;

import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.pattern.ValidatePattern;

/**
 * Tells what Flyway's validation passes over: the patterns of
 * {@code spring.flyway.ignore-migration-patterns}, or everything if it is off.
 *
 * @param configuration Flyway's configuration
 */
record IgnorePatterns(Configuration configuration) {

	/** Whether a pattern names migrations in this state. */
	boolean ignore(boolean versioned, MigrationState state) {
		for (ValidatePattern pattern : this.configuration.getIgnoreMigrationPatterns()) {
			if (pattern.matchesMigration(versioned, state)) {
				return true;
			}
		}
		return false;
	}

	/** Whether validation objects to no migration at all, in whatever state it is. */
	boolean ignoreAll(boolean versioned) {
		// only the patterns for any state match this one
		return !this.configuration.isValidateOnMigrate() || ignore(versioned, MigrationState.SUCCESS);
	}

	/** Whether validation passes over what a later release has applied. */
	boolean ignoreLaterReleases() {
		return !this.configuration.isValidateOnMigrate() || ignore(true, MigrationState.FUTURE_SUCCESS);
	}

}
