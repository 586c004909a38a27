package io.github.headlock.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * A release that no upgrade may skip.
 */
public class RequiredStopProperties {

	/**
	 * Highest schema version that the release contains.
	 */
	private @Nullable String schemaVersion;

	/**
	 * Name of the release, as operators know it.
	 */
	private @Nullable String release;

	/**
	 * Why the release must not be skipped.
	 */
	private @Nullable String reason;

	/** Creates a stop without values, to be bound. */
	public RequiredStopProperties() {
	}

	/**
	 * {@return the highest schema version of the release, {@code null} until it is set}
	 */
	public @Nullable String getSchemaVersion() {
		return this.schemaVersion;
	}

	/**
	 * Sets the highest schema version that the release contains.
	 * @param schemaVersion the version; without one, the start is refused
	 */
	public void setSchemaVersion(@Nullable String schemaVersion) {
		this.schemaVersion = schemaVersion;
	}

	/**
	 * {@return the name of the release, {@code null} until it is set}
	 */
	public @Nullable String getRelease() {
		return this.release;
	}

	/**
	 * Sets the name of the release.
	 * @param release the name, as operators know it; without one, the start is refused
	 */
	public void setRelease(@Nullable String release) {
		this.release = release;
	}

	/**
	 * {@return why the release must not be skipped, {@code null} if nobody said}
	 */
	public @Nullable String getReason() {
		return this.reason;
	}

	/**
	 * Sets why the release must not be skipped.
	 * @param reason the reason for operators to read, {@code null} to give none
	 */
	public void setReason(@Nullable String reason) {
		this.reason = reason;
	}

}
