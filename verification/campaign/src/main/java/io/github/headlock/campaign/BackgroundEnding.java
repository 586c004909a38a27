package io.github.headlock.campaign;

/**
 * In what state the release with the gated migration finds the background migration.
 */
enum BackgroundEnding {

	/** It is finished. */
	FINISHED("finished before"),

	/** It is not, and replicas of the release before it work on it meanwhile. */
	AT_WORK("finished while others work"),

	/** It is not, and nobody else works on it. */
	LEFT("finished by the start alone"),

	/** It was finished, and then a release before it wrote rows in the old form. */
	REOPENED("finished, and reopened by old rows");

	private final String text;

	BackgroundEnding(String text) {
		this.text = text;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
