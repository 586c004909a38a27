package io.github.headlock.flyway;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Says of a migration that has failed which background migrations run again, suppressed
 * in its failure.
 */
public final class ReopenedBackgroundMigrations extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final ArrayList<String> names;

	ReopenedBackgroundMigrations(List<String> names) {
		super("These background migrations run again: " + names, null, false, false);
		this.names = new ArrayList<>(names);
	}

	/**
	 * Finds it in a failure.
	 * @param failure the failure
	 * @return what it says, {@code null} if the failure is about no such migration
	 */
	public static @Nullable ReopenedBackgroundMigrations of(Throwable failure) {
		return Arrays.stream(failure.getSuppressed())
			.filter(ReopenedBackgroundMigrations.class::isInstance)
			.map(ReopenedBackgroundMigrations.class::cast)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Returns the names of the background migrations.
	 * @return the names, at least one
	 */
	public List<String> getNames() {
		return List.copyOf(this.names);
	}

}
