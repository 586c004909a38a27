package io.github.headlock.background;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Holds what a start does about background migrations that are not finished.
 *
 * @param finish whether it finishes them
 * @param timeout longest that this may take, {@code null} for no bound
 * @param skips whether the process skips migrations
 * @param exits whether the process ends when the schema is at head, and so does not work
 * on them later
 */
public record CompletionSettings(boolean finish, @Nullable Duration timeout, boolean skips, boolean exits) {

	/** Leaves them to processes that serve. */
	public static final CompletionSettings LATER = new CompletionSettings(false, null, false, false);

}
