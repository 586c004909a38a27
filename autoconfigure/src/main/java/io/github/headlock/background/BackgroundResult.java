package io.github.headlock.background;

import org.jspecify.annotations.Nullable;

/**
 * Tells what an action has led to.
 *
 * @param migration the background migration afterwards
 * @param trial what a batch did that was tried, {@code null} for another action
 */
public record BackgroundResult(BackgroundStatus migration, @Nullable BackgroundTrial trial) {
}
