package io.github.headlock.upgrade;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * A release that no upgrade may skip.
 *
 * @param schemaVersion head of that release
 * @param release its name, as operators know it
 * @param reason why it must not be skipped, {@code null} if nobody said
 */
public record RequiredStop(MigrationVersion schemaVersion, String release, @Nullable String reason) {
}
