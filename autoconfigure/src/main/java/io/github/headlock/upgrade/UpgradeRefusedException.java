package io.github.headlock.upgrade;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when this release must not upgrade the schema as it is: it would skip a required
 * stop, the schema is too old, migrations were removed or out of order, or a background
 * migration is not finished that one requires. Nothing was changed, unless the last one
 * showed only when others had been applied. Exit code 11.
 */
public class UpgradeRefusedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String schema;

	private final @Nullable String currentVersion;

	private final @Nullable String headVersion;

	private final Violation[] violations;

	private final int applied;

	private final String consequence;

	/**
	 * Creates the exception of an upgrade that was not begun.
	 * @param schema name of the schema that holds the history table
	 * @param currentVersion highest version the schema has, {@code null} if it has none
	 * @param headVersion highest version this release contains, {@code null} if it
	 * contains none
	 * @param violations everything that is wrong, at least one
	 */
	public UpgradeRefusedException(String schema, @Nullable String currentVersion, @Nullable String headVersion,
			List<Violation> violations) {
		this(schema, currentVersion, headVersion, violations, 0,
				"Nothing was changed: the release that ran until now can go on.");
	}

	/**
	 * Creates the exception.
	 * @param schema name of the schema that holds the history table
	 * @param currentVersion highest version the schema has, {@code null} if it has none
	 * @param headVersion highest version this release contains, {@code null} if it
	 * contains none
	 * @param violations everything that is wrong, at least one
	 * @param applied number of migrations that this start had applied before
	 * @param consequence what that means for the database, one or more sentences
	 */
	public UpgradeRefusedException(String schema, @Nullable String currentVersion, @Nullable String headVersion,
			List<Violation> violations, int applied, String consequence) {
		super(11, message(schema, currentVersion, headVersion, violations), null);
		this.schema = schema;
		this.currentVersion = PrintableText.nameOrNull(currentVersion);
		this.headVersion = headVersion;
		this.violations = violations.toArray(new Violation[0]);
		this.applied = applied;
		this.consequence = PrintableText.line(consequence);
	}

	private static String message(String schema, @Nullable String current, @Nullable String head,
			List<Violation> violations) {
		StringBuilder text = new StringBuilder(
				String.format(Locale.ROOT, "This release must not upgrade schema \"%s\" from version %s to version %s:",
						schema, (current != null) ? current : "(none)", (head != null) ? head : "(none)"));
		violations.forEach((violation) -> text.append("\n  - ").append(violation.what()));
		return text.toString();
	}

	/**
	 * Returns the schema that holds the history table.
	 * @return its name
	 */
	public String getSchema() {
		return this.schema;
	}

	/**
	 * Returns where the database stands.
	 * @return highest version the schema has, {@code null} if it has none
	 */
	public @Nullable String getCurrentVersion() {
		return this.currentVersion;
	}

	/**
	 * Returns where this release would bring it.
	 * @return highest version this release contains, {@code null} if it contains none
	 */
	public @Nullable String getHeadVersion() {
		return this.headVersion;
	}

	/**
	 * Returns everything that is wrong.
	 * @return the violations, at least one
	 */
	public List<Violation> getViolations() {
		return List.of(this.violations);
	}

	@Override
	public String getDescription() {
		return getMessage() + "\n" + this.consequence;
	}

	/**
	 * Returns how many migrations this start had applied before it was refused to go on.
	 * @return the number, 0 if nothing was changed
	 */
	public int getApplied() {
		return this.applied;
	}

	/** For an operator who need not know Flyway. */
	@Override
	public String getAction() {
		List<Violation> stops = violations(Rule.REQUIRED_STOP);
		List<Violation> minimum = violations(Rule.MINIMUM);
		List<String> sentences = new ArrayList<>();
		List<String> way = way(stops, minimum);
		if (!way.isEmpty()) {
			sentences.add(String.format(Locale.ROOT,
					"Install %s, then this one. Let each run until the database is at its version and what is said above "
							+ "is done. The first of them must be one that upgrades schemas of version %s.",
					String.join(", then ", way), this.currentVersion));
		}
		if (stops.size() == 1 && minimum.isEmpty()) {
			sentences.add(String.format(Locale.ROOT, "In an emergency, and only if the reason above does not apply, "
					+ "headlock.skip-required-stop=%s skips that one stop.", stops.get(0).version()));
		}
		if (!violations(Rule.REMOVED).isEmpty()) {
			sentences.add("A migration that the release does not contain must come back, unless it was squashed: then "
					+ "headlock.minimum-schema-version must be at least its version.");
		}
		if (!violations(Rule.OUT_OF_ORDER).isEmpty()) {
			sentences
				.add("A new migration needs a version above the stop; that is for the makers of the release to mend.");
		}
		violations(Rule.BACKGROUND).stream()
			.map(Violation::remedy)
			.filter(Objects::nonNull)
			.distinct()
			.forEach(sentences::add);
		return String.join("\n", sentences);
	}

	private static List<String> way(List<Violation> stops, List<Violation> minimum) {
		Stream<String> releases = stops.stream()
			.map((stop) -> String.format(Locale.ROOT, "release %s (schema version %s)", stop.release(),
					stop.version()));
		Stream<String> oldest = minimum.stream()
			.filter((violation) -> stops.stream().noneMatch((stop) -> stop.isEnoughFor(violation)))
			.map((violation) -> (violation.release() != null) ? "release " + violation.release() : String
				.format(Locale.ROOT, "a release that brings the schema to version %s or higher", violation.version()));
		return Stream.concat(releases, oldest).toList();
	}

	private List<Violation> violations(Rule rule) {
		return Arrays.stream(this.violations).filter((violation) -> violation.rule() == rule).toList();
	}

	/**
	 * One rule that the upgrade violates.
	 *
	 * @param rule the rule
	 * @param version version of the stop, of the oldest schema, or of the migration
	 * @param release name of the release to install first, {@code null} if there is none
	 * @param what what is wrong, in words
	 * @param remedy what to do about it, {@code null} if that follows from the rule
	 */
	public record Violation(Rule rule, String version, @Nullable String release, String what,
			@Nullable String remedy) implements Serializable {

		/**
		 * Creates a violation whose remedy follows from the rule.
		 * @param rule the rule
		 * @param version version, with any characters
		 * @param release name of the release, with any characters, or {@code null}
		 * @param what what is wrong, with any characters
		 */
		public Violation(Rule rule, String version, @Nullable String release, String what) {
			this(rule, version, release, what, null);
		}

		/**
		 * Makes the texts printable.
		 * @param rule the rule
		 * @param version version, with any characters
		 * @param release name of the release, with any characters, or {@code null}
		 * @param what what is wrong, with any characters
		 * @param remedy what to do about it, with any characters, or {@code null}
		 */
		public Violation {
			version = PrintableText.name(version);
			release = PrintableText.nameOrNull(release);
			what = PrintableText.line(what);
			remedy = (remedy != null) ? PrintableText.line(remedy) : null;
		}

		private boolean isEnoughFor(Violation minimum) {
			return MigrationVersion.fromVersion(this.version)
				.compareTo(MigrationVersion.fromVersion(minimum.version())) >= 0;
		}

	}

	/**
	 * Rules of an upgrade.
	 */
	public enum Rule {

		/**
		 * No required stop is skipped.
		 */
		REQUIRED_STOP,

		/**
		 * The schema is not older than the oldest one this release upgrades.
		 */
		MINIMUM,

		/**
		 * What is applied is contained in the release, unless it is squashed.
		 */
		REMOVED,

		/**
		 * What is new is newer than the last stop.
		 */
		OUT_OF_ORDER,

		/**
		 * The background migrations that a migration requires are finished.
		 */
		BACKGROUND

	}

}
