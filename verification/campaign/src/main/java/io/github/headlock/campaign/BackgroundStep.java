package io.github.headlock.campaign;

import java.util.Locale;

/**
 * A moment in the work on a background migration at which triggers hold the process that
 * works, in the middle of its transaction.
 */
enum BackgroundStep {

	/** A batch is made, and that is not committed. */
	MADE("batch made"),

	/** A process has taken a batch, and changed nothing. */
	TAKEN("batch taken"),

	/** The rows of a batch are changed, and nothing is written down of it. */
	CHANGED("rows changed"),

	/** What was done is written down, and nothing is committed. */
	RECORDED("before commit"),

	/** The next pass, or the end, is written down and not committed. */
	PASS_ENDED("pass ended");

	/** So that these gates are not those of migrations. */
	private static final int FIRST_GATE = 7001;

	private final String text;

	BackgroundStep(String text) {
		this.text = text;
	}

	/** Number of the advisory lock that is taken for a moment at this step. */
	int gate() {
		return FIRST_GATE + ordinal();
	}

	/** Name of the function of the trigger that takes it. */
	String function() {
		return "hold_" + name().toLowerCase(Locale.ROOT);
	}

	@Override
	public String toString() {
		return this.text;
	}

}
