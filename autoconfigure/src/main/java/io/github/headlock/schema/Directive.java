package io.github.headlock.schema;

import org.jspecify.annotations.Nullable;

/**
 * A line {@code -- headlock: ...} in the script of a migration, or the same said by a
 * Java migration.
 *
 * @param migration the migration, {@code null} if it is repeatable
 * @param script its path, relative to its location, or the name of its class
 * @param text what follows the colon
 */
public record Directive(@Nullable VersionedMigration migration, String script, String text) {
}
