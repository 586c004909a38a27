package io.github.headlock.background;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Holds what a look has found of background migrations.
 *
 * @param migrations those that this release declares, in the order in which they are
 * worked on, then others that the database knows
 * @param problem why they could not be read, {@code null} if they were
 */
public record BackgroundLook(List<BackgroundStatus> migrations, @Nullable String problem) {

	/** What a look has found where there is nothing to look at. */
	public static final BackgroundLook NONE = new BackgroundLook(List.of(), null);

}
