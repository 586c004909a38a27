package io.github.headlock.head;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.headlock.FailedMigrationException.FailedRow;
import org.flywaydb.core.api.CoreMigrationType;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.baseline.BaselineMigrationType;
import org.flywaydb.core.extensibility.MigrationType;
import org.jspecify.annotations.Nullable;

/**
 * Holds a row of Flyway's history table, as far as it tells about the head.
 *
 * @param version the version, {@code null} for a repeatable migration
 * @param description the description, cut at 200 characters by Flyway
 * @param type name of Flyway's migration type
 * @param script name of the script or class
 * @param checksum the checksum, {@code null} if the migration has none
 * @param success whether the migration succeeded
 * @param installedBy name of the role that applied it, {@code null} if unknown
 */
record HistoryRow(@Nullable MigrationVersion version, String description, String type, String script,
		@Nullable Integer checksum, boolean success, @Nullable String installedBy) {

	private static final Set<String> TYPES = Stream
		.concat(Arrays.stream(CoreMigrationType.values()), Arrays.stream(BaselineMigrationType.values()))
		.map(MigrationType::name)
		.collect(Collectors.toUnmodifiableSet());

	/** Written by Flyway's {@code baseline} for a database that was there before it. */
	boolean isBaselineMarker() {
		return this.type.equals("BASELINE");
	}

	/** A marker, or a baseline migration such as {@code B100__all.sql}. */
	boolean isBaseline() {
		return isBaselineMarker() || this.type.endsWith("_BASELINE");
	}

	/** Flyway refuses a history with a type that none of its modules knows. */
	boolean isKnownType() {
		return TYPES.contains(this.type) || this.type.startsWith("UNDO_");
	}

	/** Flyway writes these to take an earlier row back. */
	boolean takesBack() {
		return isDeletion() || this.type.startsWith("UNDO_");
	}

	/** Flyway's repair writes these for files that are gone. */
	boolean isDeletion() {
		return this.type.equals("DELETE");
	}

	/** Flyway writes this when it creates a schema. */
	boolean isSchemaMarker() {
		return this.type.equals("SCHEMA");
	}

	/** As the table names it. */
	FailedRow asFailed() {
		return new FailedRow((this.version != null) ? this.version.toString() : null, this.description);
	}

	@Override
	public String toString() {
		return (this.version != null) ? "version " + this.version + " (" + this.description + ")"
				: "repeatable migration \"" + this.description + "\"";
	}

}
