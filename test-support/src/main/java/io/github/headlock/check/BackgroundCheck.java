package io.github.headlock.check;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.autoconfigure.BackgroundDeclarations;
import io.github.headlock.autoconfigure.HeadlockProperties;
import io.github.headlock.background.InvalidBackgroundMigrationException;
import io.github.headlock.background.RequirementCheck;
import io.github.headlock.background.ThrottleBeans;
import io.github.headlock.schema.Directive;
import io.github.headlock.schema.ReleaseMigrations;
import io.github.headlock.schema.VersionedMigration;
import io.github.headlock.upgrade.UpgradePath;
import org.flywaydb.core.api.MigrationVersion;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.io.DefaultResourceLoader;

/**
 * Compares what the migrations of a release require with the background migrations that
 * it declares.
 *
 * @param properties the application's properties
 * @param path the upgrade path
 * @param release the migrations
 * @param directives what they say
 * @param definitions what beans declare
 */
record BackgroundCheck(HeadlockProperties properties, UpgradePath path, ReleaseMigrations release,
		List<Directive> directives, List<Definition> definitions) {

	/**
	 * Finds the mistakes.
	 * @param released what was released before
	 * @return each mistake in words
	 */
	List<String> mistakes(List<VersionedMigration> released) {
		Map<String, BackgroundMigration> beans = new LinkedHashMap<>();
		for (Definition definition : this.definitions) {
			String name = definition.getName();
			// the second one of a name is a mistake, which is found later
			beans.put(beans.containsKey(name) ? name + " again" : name, BackgroundMigration.of(definition, (batch) -> {
				throw new IllegalStateException("Only its definition is known here");
			}));
		}
		try {
			return new RequirementCheck(
					BackgroundDeclarations.of(this.properties, new DefaultResourceLoader(), beans, ThrottleBeans.NONE),
					this.release.head())
				.mistakes(this.directives, isSettled(released));
		}
		catch (InvalidBackgroundMigrationException ex) {
			return List.of(ex.getDescription());
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			return List.of(String.format(Locale.ROOT, "%s is %s: %s", ex.getName(), ex.getValue(), ex.getReason()));
		}
	}

	/** Every database that this release upgrades has passed the release with it. */
	private Predicate<VersionedMigration> isSettled(List<VersionedMigration> released) {
		MigrationVersion head = Objects.requireNonNullElse(this.release.head(), MigrationVersion.EMPTY);
		MigrationVersion minimum = this.path.minimum();
		return (migration) -> released.stream().anyMatch((one) -> one.order().equals(migration.order()))
				&& ((minimum != null && migration.order().compareTo(minimum) <= 0) || this.path.stops()
					.stream()
					.anyMatch((stop) -> migration.order().compareTo(stop.schemaVersion()) <= 0
							&& stop.schemaVersion().compareTo(head) < 0));
	}

}
