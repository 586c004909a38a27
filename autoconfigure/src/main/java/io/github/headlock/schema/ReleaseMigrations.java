package io.github.headlock.schema;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ServerFacts;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Lists what a release contains, without a database.
 *
 * @param versioned its versioned migrations, in ascending order
 * @param baselines its baseline migrations, in ascending order
 */
public record ReleaseMigrations(List<VersionedMigration> versioned, List<VersionedMigration> baselines) {

	/** Which only placeholders in texts depend on. */
	private static final ServerFacts ANY_SERVER = new ServerFacts("PostgreSQL", "public", "any", null, "any", false,
			false);

	/**
	 * Lists them.
	 * @param configuration Flyway's configuration
	 * @return the migrations
	 * @throws org.flywaydb.core.api.FlywayException if they cannot be listed, as when two
	 * have the same version
	 */
	public static ReleaseMigrations of(Configuration configuration) {
		return of(MigrationScan.of(configuration, HistoryTable.of(configuration, ANY_SERVER), ANY_SERVER));
	}

	static ReleaseMigrations of(LocalMigrations local) {
		List<ResolvedMigration> all = local.all();
		return new ReleaseMigrations(
				list(all, (migration) -> !migration.getType().isBaseline() && !migration.getType().isUndo()),
				list(all, (migration) -> migration.getType().isBaseline()));
	}

	/**
	 * Returns the highest version.
	 * @return the version, {@code null} if there is none
	 */
	public @Nullable MigrationVersion head() {
		return Stream.concat(this.versioned.stream(), this.baselines.stream())
			.map(VersionedMigration::order)
			.max(MigrationVersion::compareTo)
			.orElse(null);
	}

	/**
	 * Returns the lowest version.
	 * @return the version, {@code null} if there is none
	 */
	public @Nullable MigrationVersion lowest() {
		return Stream.concat(this.versioned.stream(), this.baselines.stream())
			.map(VersionedMigration::order)
			.min(MigrationVersion::compareTo)
			.orElse(null);
	}

	/**
	 * Returns whether there is a versioned migration, no baseline migration, of a
	 * version.
	 * @param version the version
	 * @return whether there is
	 */
	public boolean hasVersioned(MigrationVersion version) {
		return this.versioned.stream().anyMatch((migration) -> migration.order().equals(version));
	}

	private static List<VersionedMigration> list(List<ResolvedMigration> all, Predicate<ResolvedMigration> filter) {
		return all.stream()
			.filter((migration) -> migration.getVersion() != null)
			.filter(filter)
			.map((migration) -> new VersionedMigration(migration.getVersion().toString(), migration.getDescription()))
			.sorted((first, second) -> first.order().compareTo(second.order()))
			.toList();
	}

}
