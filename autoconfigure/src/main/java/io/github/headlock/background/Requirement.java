package io.github.headlock.background;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.headlock.schema.Directive;
import io.github.headlock.schema.VersionedMigration;
import io.github.headlock.upgrade.UpgradeRefusedException.Rule;
import io.github.headlock.upgrade.UpgradeRefusedException.Violation;

/**
 * A migration that is to be begun only when a background migration is finished.
 *
 * @param migration the migration
 * @param script its path, relative to its location, or the name of its class
 * @param background name of the background migration
 */
record Requirement(VersionedMigration migration, String script, String background) {

	private static final Pattern REQUIRES = Pattern.compile("requires\\s+background\\s+([a-z0-9_]+)");

	/** The names in the lines of scripts, without those that cannot be understood. */
	static Stream<String> names(List<Directive> directives) {
		return directives.stream()
			.map((directive) -> REQUIRES.matcher(directive.text()))
			.filter(Matcher::matches)
			.map((matcher) -> matcher.group(1));
	}

	/**
	 * Reads the lines of scripts.
	 * @return what they require, in the order of the versions
	 * @throws InvalidBackgroundMigrationException if one cannot be understood
	 */
	static List<Requirement> of(List<Directive> directives) {
		List<Requirement> requirements = new ArrayList<>();
		for (Directive directive : directives) {
			Matcher matcher = REQUIRES.matcher(directive.text());
			VersionedMigration migration = directive.migration();
			if (!matcher.matches()) {
				throw new InvalidBackgroundMigrationException(directive.script(),
						"the line \"-- headlock: " + directive.text() + "\" is not understood",
						"Write -- headlock: requires background <name>, or begin the comment with another word. A Java migration "
								+ "returns the name, of a to z, 0 to 9 and _, from requiredBackgroundMigrations().");
			}
			if (migration == null) {
				throw new InvalidBackgroundMigrationException(directive.script(),
						"a repeatable migration requires a background migration",
						"Let a versioned migration require it: Flyway applies repeatable ones after those.");
			}
			requirements.add(new Requirement(migration, directive.script(), matcher.group(1)));
		}
		requirements.sort(Comparator.comparing((requirement) -> requirement.migration().order()));
		return requirements;
	}

	/**
	 * Makes sure that what it requires can be worked on before.
	 * @throws InvalidBackgroundMigrationException if that needs this migration, or a
	 * later one
	 */
	void ensureAbove(BackgroundDefinition definition) {
		if (definition.since().compareTo(this.migration.order()) >= 0) {
			throw new InvalidBackgroundMigrationException(
					definition.source(), String.format(Locale.ROOT, "since = %s is not below %s, which requires it",
							definition.since(), this.script),
					"Write the version of the migration that adds what the statement needs.");
		}
	}

	/** What is said of it where it is not met. */
	Violation violation(Verdict verdict) {
		return new Violation(Rule.BACKGROUND, this.migration.version(), null, String.format(Locale.ROOT,
				"%s requires the background migration \"%s\": %s", this.script, this.background, verdict.objection()),
				verdict.remedy());
	}

}
