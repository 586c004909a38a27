package io.github.headlock.background;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.headlock.BackgroundThrottle;

/**
 * Finds the throttles of the application, each time anew, because some need what is
 * created after the migration.
 *
 * @param names gives their names
 * @param bean gives one by its name, empty if there is none
 */
public record ThrottleBeans(Supplier<List<String>> names, Function<String, Optional<BackgroundThrottle>> bean) {

	/** There is none. */
	public static final ThrottleBeans NONE = new ThrottleBeans(List::of, (name) -> Optional.empty());

}
