package io.github.headlock;

import java.io.Serializable;

import org.jspecify.annotations.Nullable;

/**
 * Holds what one look at the database told about the schema.
 *
 * @param state the state
 * @param currentVersion highest version the database has, {@code null} if it has none or
 * could not be read
 * @param headVersion highest version this release contains, {@code null} if it contains
 * no versioned migration or could not be listed
 * @param pending number of this release's migrations that the database does not have in
 * the form this release contains; {@code 0} if it could not be read
 * @param reason why the state is not {@link SchemaState#AT_HEAD}, or what differs
 * although it is, in words; {@code null} if nothing does
 */
public record SchemaStatus(SchemaState state, @Nullable String currentVersion, @Nullable String headVersion,
		int pending, @Nullable String reason) implements Serializable {

	/**
	 * Makes the versions and the reason printable.
	 * @param state the state
	 * @param currentVersion highest version of the database, with any characters, or
	 * {@code null}
	 * @param headVersion highest version of this release, with any characters, or
	 * {@code null}
	 * @param pending number of migrations that the database does not have
	 * @param reason why it is not at head, with any characters, or {@code null}
	 */
	public SchemaStatus {
		currentVersion = PrintableText.nameOrNull(currentVersion);
		headVersion = PrintableText.nameOrNull(headVersion);
		reason = (reason != null) ? PrintableText.line(reason) : null;
	}

	/**
	 * Describes a schema whose state could not be read.
	 * @param reason why, in words
	 * @return the status
	 */
	public static SchemaStatus unknown(String reason) {
		return new SchemaStatus(SchemaState.UNKNOWN, null, null, 0, reason);
	}

}
