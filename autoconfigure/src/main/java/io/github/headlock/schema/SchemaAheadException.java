package io.github.headlock.schema;

import java.util.Locale;
import java.util.Objects;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import io.github.headlock.SchemaStatus;

/**
 * Thrown when the database has newer migrations than this release contains, and a setting
 * refuses that: {@code headlock.on-schema-ahead=fail}, or Flyway's ignore patterns
 * without future migrations. Nothing was changed. Exit code 13.
 */
public class SchemaAheadException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final SchemaStatus status;

	private final String setting;

	/**
	 * Creates the exception.
	 * @param schema name of the schema that holds the history table
	 * @param status the schema at the last look
	 * @param setting the setting that refuses it, such as
	 * {@code headlock.on-schema-ahead=fail}
	 */
	public SchemaAheadException(String schema, SchemaStatus status, String setting) {
		super(13, message(schema, status), null);
		this.status = status;
		this.setting = PrintableText.name(setting);
	}

	private static String message(String schema, SchemaStatus status) {
		String version = String.format(Locale.ROOT, "Schema \"%s\" is at version %s", schema, status.currentVersion());
		// with a failed migration of the later release the versions may be equal
		return Objects.equals(status.currentVersion(), status.headVersion()) ? version + ", and " + status.reason()
				: version + ", ahead of this release's version " + status.headVersion();
	}

	/**
	 * Returns the setting that refuses a schema that is ahead.
	 * @return the name of a property, with its value
	 */
	public String getSetting() {
		return this.setting;
	}

	/**
	 * Returns the schema at the last look.
	 * @return the status
	 */
	public SchemaStatus getStatus() {
		return this.status;
	}

	@Override
	public String getDescription() {
		return String.format(Locale.ROOT, "%s, and %s %s. Nothing was changed.", getMessage(), this.setting,
				isHeadlocks() ? "is set" : "refuses that");
	}

	@Override
	public String getAction() {
		return String.format(Locale.ROOT,
				"Deploy the release that the schema belongs to, or %s to let an older release work with the newer schema.",
				isHeadlocks() ? "set headlock.on-schema-ahead=accept"
						: "add *:future to spring.flyway.ignore-migration-patterns");
	}

	private boolean isHeadlocks() {
		return this.setting.startsWith("headlock.");
	}

}
