package io.github.headlock.background;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import io.github.headlock.schema.Directive;
import io.github.headlock.schema.VersionedMigration;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Finds, without a database, what would stop an upgrade at a gate whatever the state of
 * its background migration is.
 */
public final class RequirementCheck {

	private final BackgroundMigrations migrations;

	private final @Nullable MigrationVersion head;

	/**
	 * Creates the check.
	 * @param migrations the background migrations that the release declares
	 * @param head highest version of the release, {@code null} if it has none
	 */
	public RequirementCheck(BackgroundMigrations migrations, @Nullable MigrationVersion head) {
		this.migrations = migrations;
		this.head = head;
	}

	/**
	 * Finds the mistakes.
	 * @param directives what the migrations of the release say
	 * @param isSettled tells of which migrations it is certain that another release has
	 * applied them before
	 * @return each mistake in words
	 */
	public List<String> mistakes(List<Directive> directives, Predicate<VersionedMigration> isSettled) {
		List<String> mistakes = new ArrayList<>();
		try {
			this.migrations.ensureReached(this.head);
			for (Requirement requirement : Requirement.of(directives)) {
				if (!isSettled.test(requirement.migration())) {
					check(requirement, mistakes);
				}
			}
		}
		catch (InvalidBackgroundMigrationException ex) {
			mistakes.add(ex.getDescription());
		}
		return mistakes;
	}

	private void check(Requirement requirement, List<String> mistakes) {
		BackgroundDefinition definition = this.migrations.find(requirement.background()).orElse(null);
		if (definition == null) {
			mistakes.add(String.format(Locale.ROOT,
					"%s requires the background migration \"%s\", which this release does not declare: it is to be declared until "
							+ "that migration is released, and is below a later required stop or not above "
							+ "headlock.minimum-schema-version",
					requirement.script(), requirement.background()));
		}
		else {
			requirement.ensureAbove(definition);
		}
	}

}
