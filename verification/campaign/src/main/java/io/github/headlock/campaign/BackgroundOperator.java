package io.github.headlock.campaign;

import java.sql.SQLException;
import java.util.Locale;

/**
 * An operator of the background migration of a round, who uses the statements of the
 * documentation, and does one thing after the other.
 */
final class BackgroundOperator {

	private static final String CHANGE = "UPDATE " + BackgroundProgress.TABLE + " SET ";

	private static final String NAME = " WHERE name = '" + BackgroundRelease.MIGRATION + "'";

	private static final String FULL_SPEED = CHANGE + "full_speed = true" + NAME
			+ " AND state = 'running' RETURNING name";

	private static final String PAUSE = CHANGE + "state = 'paused', full_speed = false" + NAME + " AND state IN (%s)"
			+ " RETURNING name";

	private static final String RESUME = CHANGE + "state = 'running'" + NAME + " AND state = 'paused' RETURNING name";

	private static final String FORGET = "DELETE FROM " + BackgroundProgress.BATCHES + NAME
			+ " AND failed RETURNING name";

	private static final String RETRY = CHANGE + "state = 'running'" + NAME
			+ " AND state IN ('failed', 'running', 'finalizing') RETURNING name";

	private final BackgroundProgress progress;

	private final Timeline timeline;

	BackgroundOperator(BackgroundProgress progress, Timeline timeline) {
		this.progress = progress;
		this.timeline = timeline;
	}

	/** Has it finished soon; returns whether it is running. */
	synchronized boolean setFullSpeed() {
		boolean done = this.progress.change(FULL_SPEED);
		this.timeline.note("full speed%s", done ? "" : ", which it is too late for");
		return done;
	}

	/**
	 * Pauses it, also in the middle of a start that finishes it.
	 * @param evenAtStart whether it may be a start that works on it
	 * @param meanwhile what to do before it is set to running again
	 * @return whether there was something to pause
	 */
	synchronized boolean pause(boolean evenAtStart, Meanwhile meanwhile) throws SQLException {
		if (!this.progress
			.change(String.format(Locale.ROOT, PAUSE, evenAtStart ? "'running', 'finalizing'" : "'running'"))) {
			return false;
		}
		this.timeline.note("paused");
		meanwhile.run();
		this.progress.change(RESUME);
		this.timeline.note("set to running again");
		return true;
	}

	/** Has failed rows tried again; returns whether there were any. */
	synchronized boolean retry() {
		boolean failed = this.progress.change(FORGET);
		this.progress.change(RETRY);
		this.timeline.note("failed rows are tried again%s", failed ? "" : ", but there are none");
		return failed;
	}

	/**
	 * What is done while it is paused.
	 */
	interface Meanwhile {

		void run() throws SQLException;

	}

}
