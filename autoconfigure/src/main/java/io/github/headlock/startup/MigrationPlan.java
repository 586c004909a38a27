package io.github.headlock.startup;

import io.github.headlock.schema.NewRepeatables;
import org.jspecify.annotations.Nullable;

/**
 * Holds what Flyway is to apply.
 *
 * @param only what alone is applied, {@code null} for everything
 * @param reason why Flyway runs, in words
 */
record MigrationPlan(@Nullable NewRepeatables only, String reason) {
}
