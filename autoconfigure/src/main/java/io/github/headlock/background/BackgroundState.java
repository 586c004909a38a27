package io.github.headlock.background;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * States of a background migration, as operators read and set them.
 */
enum BackgroundState {

	/** Processes work on it, with pauses. */
	RUNNING,

	/** An operator has stopped it for a while. */
	PAUSED,

	/** A start that needs it done works on it, and others without pauses. */
	FINALIZING,

	/** A pass has changed nothing, and a look after it has found nothing. */
	FINISHED,

	/** Nobody works on it until an operator lets it run again. */
	FAILED,

	/** An operator has decided to go on without it. */
	SKIPPED;

	/** A later release may know others, which are not for this one to work on. */
	static BackgroundState of(String text) {
		return Arrays.stream(values()).filter((state) -> state.toString().equals(text)).findFirst().orElse(PAUSED);
	}

	/** Whether processes work on it. */
	boolean isWorkedOn() {
		return this == RUNNING || this == FINALIZING;
	}

	/** All of them, as a list of SQL. */
	static String listed() {
		return Arrays.stream(values()).map((state) -> "'" + state + "'").collect(Collectors.joining(", "));
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
