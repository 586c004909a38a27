package io.github.headlock.campaign;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * The release whose text of the background migration is worked on before another one is
 * tried: it must go on with its text when that one was refused.
 *
 * @param progress reads how far the migration is
 * @param text what identifies its text
 */
record ReleaseBefore(BackgroundProgress progress, String text) {

	/** The one whose text is worked on now. */
	static ReleaseBefore of(BackgroundProgress progress) {
		return new ReleaseBefore(progress, progress.text());
	}

	/**
	 * Waits until it has gone on.
	 * @param longest how long that may take
	 * @return what was wrong
	 */
	List<Violation> goOn(Duration longest) {
		String now = this.progress.text();
		if (!now.equals(this.text)) {
			return List.of(new Violation(Invariant.GIVEN_BACK, String.format(Locale.ROOT,
					"text %s is worked on instead of %s: %s", now, this.text, this.progress.describe())));
		}
		String seen = this.progress.rowsSeen();
		if (Wait.until(longest, () -> {
			Wait.pause(50);
			return !this.progress.rowsSeen().equals(seen);
		})) {
			return List.of();
		}
		return List.of(new Violation(Invariant.GIVEN_BACK, String.format(Locale.ROOT, "nothing is done in %d s: %s",
				longest.toSeconds(), this.progress.describe())));
	}

}
