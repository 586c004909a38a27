package io.github.headlock.schema;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryRow;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.pattern.ValidatePattern;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * Holds the repeatable migrations of this release that were never applied, on a schema
 * that a later release has migrated since. Flyway itself would re-apply this release's
 * older text of every other repeatable migration as well.
 */
public final class NewRepeatables {

	private static final List<ValidatePattern> HIDDEN_OR_LATER = List.of(ValidatePattern.fromPattern("*:missing"),
			ValidatePattern.fromPattern("*:future"));

	private final ReleaseMigrations release;

	private final List<ResolvedMigration> found;

	/** Scripts and classes of the other repeatable migrations. */
	private final Set<String> hidden;

	/** Failed migrations of later releases. */
	private final List<HistoryRow> failed;

	NewRepeatables(ReleaseMigrations release, List<ResolvedMigration> found, List<HistoryRow> failed) {
		this.release = release;
		this.found = found;
		this.failed = failed;
		this.hidden = release.resolved()
			.stream()
			.filter((migration) -> migration.getVersion() == null && !found.contains(migration))
			.map(ResolvedMigration::getScript)
			.collect(Collectors.toUnmodifiableSet());
	}

	/**
	 * Returns why Flyway cannot apply these alone.
	 * @param configuration the configuration of the application's Flyway
	 * @return the reason, empty if it can
	 */
	public Optional<String> reasonNotToRun(Configuration configuration) {
		if (configuration.getResolvers().length > 0) {
			return Optional.of("this release has custom migration resolvers, whose migrations cannot be hidden");
		}
		// it passes over one failed migration, if that has a version
		boolean refused = this.failed.size() > 1 || this.failed.stream().anyMatch((row) -> row.version() == null);
		return refused ? Optional.of("Flyway refuses to run beside what failed in later releases: " + this.failed)
				: Optional.empty();
	}

	/**
	 * Hides the other repeatable migrations from a Flyway, if there is no
	 * {@linkplain #reasonNotToRun reason not to run it}.
	 * @param configuration the configuration of the Flyway that is to apply these
	 */
	public void applyTo(FluentConfiguration configuration) {
		configuration.resourceProvider(new VisibleResources(this.release.scripts().resources(), this.hidden));
		configuration.javaMigrationClassProvider(() -> this.release.scripts()
			.classes()
			.getClasses()
			.stream()
			.filter((type) -> !this.hidden.contains(type.getName()))
			.collect(Collectors.toUnmodifiableList()));
		configuration.javaMigrations(Arrays.stream(configuration.getJavaMigrations())
			.filter((migration) -> !this.hidden.contains(migration.getClass().getName()))
			.toArray(JavaMigration[]::new));
		configuration.ignoreMigrationPatterns(
				Stream.concat(Stream.of(configuration.getIgnoreMigrationPatterns()), HIDDEN_OR_LATER.stream())
					.toArray(ValidatePattern[]::new));
	}

	@Override
	public String toString() {
		return this.found.stream()
			.map(ResolvedMigration::getScript)
			.map(PrintableText::name)
			.collect(Collectors.joining(", "));
	}

	/** The scripts without the hidden ones. */
	private record VisibleResources(ResourceProvider all, Set<String> hidden) implements ResourceProvider {

		@Override
		public LoadableResource getResource(String name) {
			return this.all.getResource(name);
		}

		@Override
		public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
			return this.all.getResources(prefix, suffixes)
				.stream()
				.filter((resource) -> !this.hidden.contains(resource.getRelativePath()))
				.toList();
		}

	}

}
