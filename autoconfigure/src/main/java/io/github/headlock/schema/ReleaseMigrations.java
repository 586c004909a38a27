package io.github.headlock.schema;

import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.flywaydb.core.api.ClassProvider;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Holds the migrations that a release contains, as {@link MigrationScan} lists them.
 */
public final class ReleaseMigrations {

	private final List<ResolvedMigration> resolved;

	private final List<VersionedMigration> versioned;

	private final List<VersionedMigration> baselines;

	private final Scripts scripts;

	private final RepeatableTexts texts;

	/**
	 * Creates it.
	 * @param resolved every migration, as Flyway resolves it
	 * @param scripts where they come from, and what else is there
	 * @param texts compares the repeatable migrations with what was applied
	 */
	ReleaseMigrations(List<ResolvedMigration> resolved, Scripts scripts, RepeatableTexts texts) {
		this.resolved = List.copyOf(resolved);
		this.versioned = list(resolved,
				(migration) -> !migration.getType().isBaseline() && !migration.getType().isUndo());
		this.baselines = list(resolved, (migration) -> migration.getType().isBaseline());
		this.scripts = scripts;
		this.texts = texts;
	}

	/**
	 * Lists the migrations without a database.
	 * @param configuration Flyway's configuration
	 * @return the migrations
	 * @throws org.flywaydb.core.api.FlywayException if they cannot be listed, as when two
	 * have the same version
	 */
	public static ReleaseMigrations of(Configuration configuration) {
		return MigrationListing.scan(configuration, true);
	}

	private static List<VersionedMigration> list(List<ResolvedMigration> resolved,
			Predicate<ResolvedMigration> filter) {
		return resolved.stream()
			.filter((migration) -> migration.getVersion() != null)
			.filter(filter)
			.sorted(Comparator.comparing(ResolvedMigration::getVersion))
			.map((migration) -> new VersionedMigration(migration.getVersion().toString(), migration.getDescription()))
			.toList();
	}

	/**
	 * Returns the versioned migrations.
	 * @return the migrations, in ascending order
	 */
	public List<VersionedMigration> versioned() {
		return this.versioned;
	}

	/**
	 * Returns the baseline migrations.
	 * @return the migrations, in ascending order
	 */
	public List<VersionedMigration> baselines() {
		return this.baselines;
	}

	/**
	 * Returns the highest version, baseline migrations included.
	 * @return the version, {@code null} if there is none
	 */
	public @Nullable MigrationVersion head() {
		return orders().max(MigrationVersion::compareTo).orElse(null);
	}

	/**
	 * Returns the lowest version, baseline migrations included.
	 * @return the version, {@code null} if there is none
	 */
	public @Nullable MigrationVersion lowest() {
		return orders().min(MigrationVersion::compareTo).orElse(null);
	}

	private Stream<MigrationVersion> orders() {
		return Stream.concat(this.versioned.stream(), this.baselines.stream()).map(VersionedMigration::order);
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

	/**
	 * Returns what the migrations say to Headlock, whether they are applied or not.
	 * @param configuration Flyway's configuration
	 * @return the lines
	 */
	public List<Directive> directives(Configuration configuration) {
		return new DirectiveReader(configuration, this).read(this.versioned);
	}

	/** Every migration, as Flyway resolves it. */
	List<ResolvedMigration> resolved() {
		return this.resolved;
	}

	/** Highest version of a baseline migration; {@code null} if there is none. */
	@Nullable MigrationVersion squashed() {
		return this.baselines.isEmpty() ? null : this.baselines.get(this.baselines.size() - 1).order();
	}

	Scripts scripts() {
		return this.scripts;
	}

	/** Compares the repeatable migrations with what was applied. */
	RepeatableTexts texts() {
		return this.texts;
	}

	/**
	 * Where the migrations come from, and which scripts Flyway runs although none is
	 * pending.
	 *
	 * @param resources where the scripts are found
	 * @param classes where the Java migrations that are no beans are found
	 * @param alwaysPending names of the repeatable migrations whose checksum changes with
	 * time, so that Flyway runs them at every start
	 * @param referToServer whether a repeatable migration has a placeholder whose value
	 * the server tells
	 * @param mayHaveDirectives whether a script may have a line for Headlock
	 * @param ofEvents names of the scripts that Flyway runs around a migration
	 * @param onEventConnection whether Flyway runs one of these on a connection that it
	 * opens beside the one that migrates
	 */
	record Scripts(ResourceProvider resources, ClassProvider<JavaMigration> classes, List<String> alwaysPending,
			boolean referToServer, boolean mayHaveDirectives, List<String> ofEvents, boolean onEventConnection) {
	}

}
