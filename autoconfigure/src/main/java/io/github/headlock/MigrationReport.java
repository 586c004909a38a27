package io.github.headlock;

import java.time.Duration;

/**
 * Holds how the start of this process went. Immutable; health and the log read it.
 *
 * @param outcome the way the start took
 * @param schema name of the schema that holds the history table
 * @param status what the last look at the database told
 * @param migrations number of migrations this process applied
 * @param terminatedSessions number of the application's sessions this process terminated
 * @param waited time from the first try for the lock that failed to the one that did not,
 * or to the look that found the schema ready; zero if the first try was enough
 * @param held for how long this process held the migration lock to migrate; zero if it
 * did not
 * @param took time of the whole step, the wait included
 */
public record MigrationReport(MigrationOutcome outcome, String schema, SchemaStatus status, int migrations,
		int terminatedSessions, Duration waited, Duration held, Duration took) {

	/**
	 * Makes the name of the schema printable.
	 * @param outcome the way the start took
	 * @param schema name of the schema, with any characters
	 * @param status what the last look at the database told
	 * @param migrations number of migrations this process applied
	 * @param terminatedSessions number of sessions this process terminated
	 * @param waited time of the wait for the lock, not negative
	 * @param held time that the lock was held, not negative
	 * @param took time of the whole step
	 */
	public MigrationReport {
		schema = PrintableText.name(schema);
	}

	/**
	 * Returns whether this release can work with the schema: it is ready, or this process
	 * has brought it to where Flyway is configured to.
	 * @return {@code false} if migrations were skipped and the schema is not ready
	 */
	public boolean isSchemaReady() {
		return this.outcome != MigrationOutcome.SKIPPED || this.status.state().isReady();
	}

}
