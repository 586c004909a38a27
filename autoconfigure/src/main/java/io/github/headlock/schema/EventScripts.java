package io.github.headlock.schema;

import java.util.Collection;
import java.util.List;
import java.util.Set;

import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * Finds the scripts that Flyway runs around a migration.
 */
final class EventScripts {

	private EventScripts() {
	}

	/**
	 * Finds them by their names, whatever their suffix: besides SQL files, Flyway runs
	 * shell scripts of that name.
	 * @param configuration Flyway's configuration
	 * @param filenames names of all files
	 * @param events the events that count
	 * @return the names of scripts for these
	 */
	static List<String> of(Configuration configuration, Collection<String> filenames, Set<Event> events) {
		return filenames.stream()
			.filter((name) -> events.stream()
				.anyMatch((event) -> isNamed(name, event.getId(), configuration.getSqlMigrationSeparator())))
			.toList();
	}

	/** The prefix alone would take {@code afterMigrateApplied.sql} for afterMigrate. */
	private static boolean isNamed(String filename, String event, String separator) {
		return filename.startsWith(event)
				&& (filename.startsWith(".", event.length()) || filename.startsWith(separator, event.length()));
	}

}
