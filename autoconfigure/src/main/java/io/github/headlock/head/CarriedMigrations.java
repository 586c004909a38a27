package io.github.headlock.head;

import java.util.List;
import java.util.function.Predicate;

import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.ServerFacts;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.ResolvedMigration;

/**
 * Lists what a release carries, without a database.
 *
 * @param versioned its versioned migrations, in ascending order
 * @param baselines its baseline migrations, in ascending order
 */
public record CarriedMigrations(List<VersionedMigration> versioned, List<VersionedMigration> baselines) {

	/** Which only placeholders in texts depend on. */
	private static final ServerFacts ANY_SERVER = new ServerFacts("PostgreSQL", "public", "any", "any", false, false);

	/**
	 * Lists them.
	 * @param configuration Flyway's configuration
	 * @return the migrations
	 * @throws org.flywaydb.core.api.FlywayException if they cannot be listed, as when two
	 * have the same version
	 */
	public static CarriedMigrations of(Configuration configuration) {
		List<ResolvedMigration> all = MigrationScan
			.of(configuration, HistoryTable.of(configuration, ANY_SERVER), ANY_SERVER)
			.all();
		return new CarriedMigrations(
				list(all, (migration) -> !migration.getType().isBaseline() && !migration.getType().isUndo()),
				list(all, (migration) -> migration.getType().isBaseline()));
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
