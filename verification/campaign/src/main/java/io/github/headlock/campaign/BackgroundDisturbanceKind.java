package io.github.headlock.campaign;

import java.util.Locale;

/**
 * What happens beside the faults while a background migration is worked on, at any time.
 */
enum BackgroundDisturbanceKind implements ReportedFault {

	HELD("held by a throttle of the application"),

	THROTTLE_FAILED("throttle of the application failed"),

	TABLE_LOCKED("table locked by a session in the mode SHARE UPDATE EXCLUSIVE"),

	FULL_SPEED("set to full speed by an operator"),

	INTERRUPTED("paused by an operator for a while, at any time"),

	RETRIED("a row failed, and was tried again by an operator"),

	JOB_KILLED("Job that finishes it killed (SIGKILL), at any time"),

	JOB_TERMINATED("Job that finishes it told to end (SIGTERM), at any time");

	private final String text;

	BackgroundDisturbanceKind(String text) {
		this.text = text;
	}

	/** Whether there has to be a Job for it. */
	boolean isOfJob() {
		return this == JOB_KILLED || this == JOB_TERMINATED;
	}

	/** Whether nobody may work on the migration, until an operator says so. */
	boolean stops() {
		return this == INTERRUPTED || this == RETRIED;
	}

	@Override
	public String text() {
		return this.text;
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
