package io.github.headlock.startup;

import io.github.headlock.background.BackgroundGate;
import io.github.headlock.schema.NewRepeatables;
import org.jspecify.annotations.Nullable;

/**
 * Holds what Flyway is to apply.
 *
 * @param only what alone is applied, {@code null} for everything
 * @param reason why Flyway runs, in words
 * @param gate tells which migrations may be begun
 */
record MigrationPlan(@Nullable NewRepeatables only, String reason, BackgroundGate gate) {
}
