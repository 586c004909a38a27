package io.github.headlock.flyway;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Holds what a team decides about a run of Flyway.
 *
 * @param longestWait longest wait for the end of another process's migration
 * @param pollInterval mean pause between two looks whether it has ended, positive
 * @param ddl how migrations queue for their table locks, {@code null} for as long as it
 * takes
 * @param versionsMayBeMissing whether versions that were applied may be missing in this
 * release, because they were found to be squashed
 */
public record FlywayRunSettings(Duration longestWait, Duration pollInterval, @Nullable DdlSettings ddl,
		boolean versionsMayBeMissing) {
}
