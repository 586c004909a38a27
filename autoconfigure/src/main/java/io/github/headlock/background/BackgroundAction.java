package io.github.headlock.background;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What an operator may do to a background migration.
 */
public enum BackgroundAction {

	/** Stop it for a while. */
	PAUSE("running", "paused"),

	/** Let one go on that was paused. */
	RESUME("paused", "goes on"),

	/** Let one go on that has failed, with the rows that it has failed for. */
	RETRY("failed, or running with rows that have failed", "tries again what has failed"),

	/** Work on it without pauses until it is finished. */
	FINALIZE("running, and not at full speed yet", "is worked on without pauses until it is finished"),

	/** Work on one batch, and roll that back. */
	TRY("declared by this release", "one batch was worked on, and rolled back");

	private final String suits;

	private final String done;

	BackgroundAction(String suits, String done) {
		this.suits = suits;
		this.done = done;
	}

	/**
	 * Finds an action by the name that operators write.
	 * @param name the name
	 * @return the action, empty if there is none of this name
	 */
	public static Optional<BackgroundAction> of(String name) {
		return Arrays.stream(values()).filter((action) -> action.toString().equals(name)).findFirst();
	}

	/**
	 * Returns the names of all of them.
	 * @return the names, in their order
	 */
	public static List<String> names() {
		return Arrays.stream(values()).map(BackgroundAction::toString).toList();
	}

	/** What it is for, in words. */
	String suits() {
		return this.suits;
	}

	/** What was done, in words. */
	String done() {
		return this.done;
	}

	/**
	 * Returns the name that operators write.
	 * @return the name
	 */
	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
