package io.github.headlock.background;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.headlock.BackgroundThrottle;
import io.github.headlock.jdbc.RootCause;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the throttles of the application, each time anew, because some need what is
 * created after the migration.
 */
public final class ThrottleBeans {

	private static final Logger logger = LoggerFactory.getLogger(ThrottleBeans.class);

	/** There is none. */
	public static final ThrottleBeans NONE = new ThrottleBeans(List::of, (name) -> Optional.empty());

	private final Supplier<List<String>> names;

	private final Function<String, Optional<BackgroundThrottle>> bean;

	/** Those of a start that is not over, {@code null} when it is. */
	private volatile @Nullable Map<String, BackgroundThrottle> ofStart;

	/**
	 * Creates it; no throttle is looked for.
	 * @param names gives their names
	 * @param bean gives one by its name, empty if there is none
	 */
	public ThrottleBeans(Supplier<List<String>> names, Function<String, Optional<BackgroundThrottle>> bean) {
		this.names = names;
		this.bean = bean;
	}

	List<String> names() {
		Map<String, BackgroundThrottle> ofStart = this.ofStart;
		return (ofStart != null) ? List.copyOf(ofStart.keySet()) : this.names.get();
	}

	Optional<BackgroundThrottle> find(String name) {
		Map<String, BackgroundThrottle> ofStart = this.ofStart;
		return (ofStart != null) ? Optional.ofNullable(ofStart.get(name)) : this.bean.apply(name);
	}

	/**
	 * Does something that a start waits for, on a thread that creates the application's
	 * beans: another thread that asked for one would wait for this one, and this one for
	 * it. So those throttles are asked meanwhile that can be created now.
	 * @param action what to do
	 */
	void duringStart(Runnable action) {
		this.ofStart = create();
		try {
			action.run();
		}
		finally {
			this.ofStart = null;
		}
	}

	private Map<String, BackgroundThrottle> create() {
		Map<String, BackgroundThrottle> created = new LinkedHashMap<>();
		for (String name : this.names.get()) {
			try {
				this.bean.apply(name).ifPresent((throttle) -> created.put(name, throttle));
			}
			// also one whose scope does not exist
			catch (RuntimeException ex) {
				logger.warn(
						"The throttle \"{}\" is not asked while this start finishes background migrations, because it or a bean "
								+ "that it needs cannot be created before: {}",
						name, RootCause.describe(ex));
			}
		}
		return created;
	}

}
