package io.github.headlock;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when this release must not upgrade the schema as it is: it would skip a required
 * stop, the schema is too old, or migrations were removed or misdated. Nothing was
 * changed. Exit code 11.
 */
public class UpgradeRefusedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String schema;

	private final @Nullable String currentVersion;

	private final @Nullable String headVersion;

	private final Violation[] violations;

	/**
	 * Creates the exception.
	 * @param schema name of the schema that holds the history table
	 * @param currentVersion highest version the schema has, {@code null} if it has none
	 * @param headVersion highest version this release carries, {@code null} if it carries
	 * none
	 * @param violations everything that is wrong, at least one
	 */
	public UpgradeRefusedException(String schema, @Nullable String currentVersion, @Nullable String headVersion,
			List<Violation> violations) {
		super(11, message(schema, currentVersion, headVersion, violations), null);
		this.schema = schema;
		this.currentVersion = currentVersion;
		this.headVersion = headVersion;
		this.violations = violations.toArray(new Violation[0]);
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
	 * @return highest version this release carries, {@code null} if it carries none
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

	/**
	 * One rule that the upgrade violates.
	 *
	 * @param rule the rule
	 * @param version version of the stop, of the oldest schema, or of the migration
	 * @param release name of the release to install first, {@code null} if there is none
	 * @param what what is wrong, in words
	 */
	public record Violation(Rule rule, String version, @Nullable String release, String what) implements Serializable {
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
		 * What is applied is carried, unless it is squashed.
		 */
		REMOVED,

		/**
		 * What is new is newer than the last stop.
		 */
		MISDATED

	}

}
