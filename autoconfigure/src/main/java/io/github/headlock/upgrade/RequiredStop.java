package io.github.headlock.upgrade;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * A release that no upgrade may skip.
 *
 * @param schemaVersion head of that release
 * @param release its name, as operators know it
 * @param reason why it must not be skipped, {@code null} if nobody said
 */
public record RequiredStop(MigrationVersion schemaVersion, String release, @Nullable String reason) {

	/**
	 * Makes printable what operators are told.
	 * @param schemaVersion head of the release
	 * @param release name of the release, with any characters
	 * @param reason why it must not be skipped, with any characters, or {@code null}
	 */
	public RequiredStop {
		release = PrintableText.name(release);
		reason = (reason != null) ? PrintableText.line(reason) : null;
	}

}
