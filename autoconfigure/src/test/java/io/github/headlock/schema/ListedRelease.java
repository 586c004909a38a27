package io.github.headlock.schema;

import java.util.List;
import java.util.Set;

import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.resolver.ResolvedMigration;

/**
 * All of a release that is compared with a history, to compare two ways to list it.
 *
 * @param migrations the migrations, in order
 * @param alwaysPending the repeatable ones that are always pending
 * @param referToServer whether texts refer to the server
 * @param ofEvents scripts for events, sorted
 * @param onEventConnection whether one of them gets a connection of its own
 * @param unknownTexts scripts whose texts cannot be compared
 */
record ListedRelease(List<Migration> migrations, List<String> alwaysPending, boolean referToServer,
		List<String> ofEvents, boolean onEventConnection, Set<String> unknownTexts) {

	static ListedRelease of(ReleaseMigrations release) {
		ReleaseMigrations.Scripts scripts = release.scripts();
		return new ListedRelease(release.resolved().stream().map(Migration::of).toList(),
				scripts.alwaysPending().stream().sorted().toList(), scripts.referToServer(),
				scripts.ofEvents().stream().sorted().toList(), scripts.onEventConnection(), release.texts().unknown());
	}

	/**
	 * One migration.
	 *
	 * @param version the version, as Flyway writes it
	 * @param description the description
	 * @param script the script
	 * @param checksum the checksum
	 * @param type the type
	 * @param matches whether its own checksum, the next one and none match, and whether
	 * they do so without being identical
	 * @param executed whether it is to be executed
	 */
	record Migration(String version, String description, String script, Integer checksum, Object type,
			List<Boolean> matches, boolean executed) {

		static Migration of(ResolvedMigration migration) {
			MigrationVersion version = migration.getVersion();
			Integer checksum = migration.getChecksum();
			Integer next = (checksum != null) ? checksum + 1 : 0;
			return new Migration((version != null) ? version.toString() : null, migration.getDescription(),
					migration.getScript(), checksum, migration.getType(),
					List.of(migration.checksumMatches(checksum), migration.checksumMatches(next),
							migration.checksumMatches(null), migration.checksumMatchesWithoutBeingIdentical(checksum),
							migration.checksumMatchesWithoutBeingIdentical(next)),
					migration.getExecutor() == null || migration.getExecutor().shouldExecute());
		}

	}

}
