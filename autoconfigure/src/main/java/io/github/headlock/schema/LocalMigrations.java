package io.github.headlock.schema;

import java.util.List;

import org.flywaydb.core.api.ClassProvider;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Holds the migrations this release contains.
 *
 * @param all every migration, as Flyway resolves it
 * @param alwaysPending names of the repeatable migrations whose checksum changes with
 * time, so that Flyway runs them at every start
 * @param eventScripts names of the scripts that Flyway runs although nothing is pending
 * @param hasEventConnectionScript whether Flyway runs a script on a connection that it
 * opens beside the one that migrates
 * @param resources where the scripts are found
 * @param classes where the Java migrations that are no beans are found
 * @param texts compares the repeatable migrations with what was applied
 */
record LocalMigrations(List<ResolvedMigration> all, List<String> alwaysPending, List<String> eventScripts,
		boolean hasEventConnectionScript, ResourceProvider resources, ClassProvider<JavaMigration> classes,
		RepeatableTexts texts) {

	/** Highest version, baseline migrations included; {@code null} if there is none. */
	@Nullable MigrationVersion head() {
		return this.all.stream()
			.map(ResolvedMigration::getVersion)
			.filter((version) -> version != null)
			.max(MigrationVersion::compareTo)
			.orElse(null);
	}

	/** Highest version of a baseline migration; {@code null} if there is none. */
	@Nullable MigrationVersion squashed() {
		return this.all.stream()
			.filter((migration) -> migration.getType().isBaseline())
			.map(ResolvedMigration::getVersion)
			.max(MigrationVersion::compareTo)
			.orElse(null);
	}

}
