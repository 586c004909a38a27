package io.github.headlock.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * Holds what Flyway does at every start although the schema is at head, so that only a
 * run of Flyway will do.
 *
 * @param items each piece of work in words
 * @param needsEventConnection whether Flyway opens one more connection for the callbacks
 * around a migration
 */
public record AlwaysRunWork(List<String> items, boolean needsEventConnection) {

	static final AlwaysRunWork UNKNOWN = new AlwaysRunWork(List.of(), false);

	private static final String CALLBACK = "callback ";

	/**
	 * Copies the list.
	 * @param items each piece of work in words
	 * @param needsEventConnection whether callbacks take one more connection
	 */
	public AlwaysRunWork {
		items = List.copyOf(items);
	}

	static AlwaysRunWork of(Configuration configuration, ReleaseMigrations release) {
		List<String> items = new ArrayList<>();
		for (Callback callback : configuration.getCallbacks()) {
			if (supportsAny(callback, AlwaysRunEvents.ALL)) {
				items.add(CALLBACK + callback.getCallbackName());
			}
		}
		release.scripts().ofEvents().forEach((script) -> items.add(CALLBACK + "script " + script));
		release.scripts()
			.alwaysPending()
			.forEach((script) -> items.add("repeatable migration " + script + " with a time stamp"));
		if (configuration.getResolvers().length > 0) {
			items.add("custom migration resolvers");
		}
		if (configuration.isSkipExecutingMigrations()) {
			items.add("skipExecutingMigrations");
		}
		MigrationVersion target = Target.of(configuration).version();
		if (target != null) {
			items.add("target " + target);
		}
		boolean needsEventConnection = release.scripts().onEventConnection()
				|| Arrays.stream(configuration.getCallbacks())
					.anyMatch((callback) -> supportsAny(callback, AlwaysRunEvents.ON_EVENT_CONNECTION));
		return new AlwaysRunWork(items, needsEventConnection);
	}

	private static boolean supportsAny(Callback callback, Set<Event> events) {
		return events.stream().anyMatch((event) -> supports(callback, event));
	}

	private static boolean supports(Callback callback, Event event) {
		try {
			return callback.supports(event, null);
		}
		catch (RuntimeException ex) {
			// it wants the context of a real run, so let it have one
			return true;
		}
	}

	/**
	 * Returns whether there is none.
	 * @return {@code true} if a schema at head needs no run of Flyway
	 */
	public boolean isEmpty() {
		return this.items.isEmpty();
	}

	@Override
	public String toString() {
		return this.items.toString();
	}

}
