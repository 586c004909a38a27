package io.github.headlock.background;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Tells what one batch did, which was rolled back.
 *
 * @param rows rows that it has gone along
 * @param changed rows that it would change, {@code null} if it has failed
 * @param took what it took
 * @param problem why it has failed, or would, {@code null} if nothing is against it
 * @param note that nothing was changed, or that something was
 */
public record BackgroundTrial(long rows, @Nullable Long changed, Duration took, @Nullable String problem, String note) {

	private static final String ROLLED_BACK = "Rolled back: nothing was changed";

	private static final String COMMITTED = "Not rolled back: its code has committed what it did before";

	static BackgroundTrial of(long rows, @Nullable Long changed, Duration took, @Nullable String problem) {
		return new BackgroundTrial(rows, changed, took, problem, ROLLED_BACK);
	}

	/** The same trial, of which something stays. */
	BackgroundTrial committed() {
		return new BackgroundTrial(this.rows, this.changed, this.took, this.problem, COMMITTED);
	}

	/** Whether something stays. */
	boolean isCommitted() {
		return this.note.equals(COMMITTED);
	}

}
