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

	public @Nullable String getSchemaVersion() {
		return this.schemaVersion;
	}

	public void setSchemaVersion(@Nullable String schemaVersion) {
		this.schemaVersion = schemaVersion;
	}

	public @Nullable String getRelease() {
		return this.release;
	}

	public void setRelease(@Nullable String release) {
		this.release = release;
	}

	public @Nullable String getReason() {
		return this.reason;
	}

	public void setReason(@Nullable String reason) {
		this.reason = reason;
	}

}
