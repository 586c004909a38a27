package io.github.headlock.history;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Holds a row of Flyway's history table, as far as it tells about the head.
 *
 * @param version the version, {@code null} for a repeatable migration
 * @param description the description, cut at 200 characters by Flyway
 * @param type name of Flyway's migration type
 * @param role what Flyway makes of the type
 * @param script name of the script or class
 * @param checksum the checksum, {@code null} if the migration has none
 * @param success whether the migration succeeded
 * @param installedBy name of the role that applied it, {@code null} if unknown
 */
public record HistoryRow(@Nullable MigrationVersion version, String description, String type, Role role, String script,
		@Nullable Integer checksum, boolean success, @Nullable String installedBy) {

	/**
	 * Returns whether Flyway's {@code baseline} has written it, for a database that was
	 * there before Flyway.
	 * @return {@code false} for a baseline migration
	 */
	public boolean isBaselineMarker() {
		return this.type.equals("BASELINE");
	}

	/**
	 * Returns whether it stands for all versions up to its own.
	 * @return whether it is a marker or a baseline migration such as
	 * {@code B100__all.sql}
	 */
	public boolean isBaseline() {
		return isBaselineMarker() || this.type.endsWith("_BASELINE");
	}

	/** Flyway refuses a history with a type that none of its modules knows. */
	boolean isKnownType() {
		return this.role != Role.UNKNOWN;
	}

	/** Whether Flyway makes nothing of it. */
	boolean isWithoutEffect() {
		return this.role == Role.WITHOUT_EFFECT || (this.role == Role.UNKNOWN && this.type.startsWith("UNDO_"));
	}

	/** Flyway writes these to take an earlier row back. */
	boolean takesBack() {
		return isDeletion() || this.role == Role.UNDOES;
	}

	/** Flyway's repair writes these for files that are gone. */
	boolean isDeletion() {
		return this.type.equals("DELETE");
	}

	/** Flyway writes this when it creates a schema. */
	boolean isSchemaMarker() {
		return this.type.equals("SCHEMA");
	}

	@Override
	public String toString() {
		String shown = PrintableText.name(this.description);
		return (this.version != null) ? "version " + PrintableText.name(this.version.toString()) + " (" + shown + ")"
				: "repeatable migration \"" + shown + "\"";
	}

	/** What a row of a type does. */
	enum Role {

		/** It applies a migration, or is a marker. */
		APPLIES,

		/** It takes back what an earlier row has applied. */
		UNDOES,

		/** It is passed over. */
		WITHOUT_EFFECT,

		/** This Flyway does not know its type. */
		UNKNOWN

	}

}
