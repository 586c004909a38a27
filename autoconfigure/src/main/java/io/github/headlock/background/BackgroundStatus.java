package io.github.headlock.background;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Tells operators of a background migration. It holds no SQL.
 *
 * @param name its name
 * @param state one of the states, {@value #UNREGISTERED} or {@value #UNKNOWN}
 * @param since schema version that it needs
 * @param declared whether this release declares it
 * @param pass number of the pass, from 1, {@code null} if it is not registered
 * @param percent share of the pass that is done, {@code null} if unknown
 * @param rowsSeen rows that were gone along, in all passes, {@code null} if it is not
 * registered
 * @param rowsChanged rows that were changed, in all passes, {@code null} if it is not
 * registered
 * @param rowsEstimated number of rows of the table, as the server estimates it,
 * {@code null} if unknown
 * @param rowsPerSecond rows that are gone along in a second, pauses included,
 * {@code null} if unknown
 * @param timeLeft time that this pass still takes, {@code null} if unknown or nobody
 * works on it
 * @param fullSpeed whether it is worked on without pauses
 * @param heldBecause why it is not worked on for now, {@code null} if it is
 * @param failedRows number of rows that are left out because they have failed
 * @param lastError why it, or a batch of it, failed last, {@code null} if none did
 * @param updatedBy who has changed its progress last, {@code null} if unknown
 * @param updatedAt when that was, {@code null} if unknown
 * @param finishedAt when it was finished, {@code null} if it is not
 */
public record BackgroundStatus(String name, String state, @Nullable String since, boolean declared,
		@Nullable Integer pass, @Nullable Integer percent, @Nullable Long rowsSeen, @Nullable Long rowsChanged,
		@Nullable Long rowsEstimated, @Nullable Long rowsPerSecond, @Nullable Duration timeLeft, boolean fullSpeed,
		@Nullable String heldBecause, int failedRows, @Nullable String lastError, @Nullable String updatedBy,
		@Nullable Instant updatedAt, @Nullable Instant finishedAt) {

	/** State of one that no process has begun with. */
	public static final String UNREGISTERED = "unregistered";

	/** State of one that cannot be read. */
	public static final String UNKNOWN = "unknown";

	static BackgroundStatus declared(BackgroundDefinition definition, String state) {
		return new BackgroundStatus(definition.name(), state, definition.since().toString(), true, null, null, null,
				null, null, null, null, false, null, 0, null, null, null, null);
	}

	/**
	 * Returns whether its state could not be read.
	 * @return whether it is unknown
	 */
	public boolean isUnknown() {
		return this.state.equals(UNKNOWN);
	}

	/**
	 * Returns whether there is still something to do.
	 * @return {@code false} if it is finished, or somebody has decided to go on without
	 * it
	 */
	public boolean isUnfinished() {
		return !isIn(BackgroundState.FINISHED) && !isIn(BackgroundState.SKIPPED);
	}

	/**
	 * Returns whether it has failed.
	 * @return whether nobody works on it until an operator lets it run again
	 */
	public boolean isFailed() {
		return isIn(BackgroundState.FAILED);
	}

	/**
	 * Returns whether it would be worked on, if something did not hold it.
	 * @return whether it is held
	 */
	public boolean isHeld() {
		return this.heldBecause != null;
	}

	private boolean isIn(BackgroundState expected) {
		return this.state.equals(expected.toString());
	}

}
