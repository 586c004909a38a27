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

	/** Keeps what operators are told fit to be shown. */
	public RequiredStop {
		release = PrintableText.name(release);
		reason = (reason != null) ? PrintableText.line(reason) : null;
	}

}
