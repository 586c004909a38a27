package io.github.headlock.background;

import java.time.Duration;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Estimates how long a background migration still takes.
 *
 * @param progress how far it is
 * @param rowsLeft rows that this pass still has to go along, {@code null} if not known
 * @param rowsPerSecond rows that are gone along in a second of work
 * @param load share of time at work
 */
record Estimate(Progress progress, @Nullable Long rowsLeft, double rowsPerSecond, double load) {

	/** Work of less time says little about the rest. */
	private static final long ENOUGH_MILLIS = 500;

	/**
	 * Estimates it.
	 * @param effect what it does to rows, for its usual speed until it was measured;
	 * {@code null} if this release does not declare it
	 * @param load share of time at work, which is all of it at full speed
	 */
	static Estimate of(Progress progress, @Nullable Effect effect, double load) {
		Long all = progress.rowsEstimated();
		Long left = (all != null) ? Long.valueOf(Math.max(0, all - progress.seenInPass())) : null;
		double usual = (effect != null) ? effect.usualRowsPerSecond() : SqlEffect.USUAL_ROWS_PER_SECOND;
		double speed = (progress.workMillis() >= ENOUGH_MILLIS)
				? Math.max(1, progress.rowsSeen() * 1000.0 / progress.workMillis()) : usual;
		return new Estimate(progress, left, speed, progress.fullSpeed() ? 1 : load);
	}

	/** Time left, {@code null} if it is not known. */
	@Nullable Duration timeLeft() {
		return (this.rowsLeft != null)
				? Duration.ofMillis((long) (this.rowsLeft * 1000 / this.rowsPerSecond / this.load)) : null;
	}

	/** Rows in a second, pauses included; {@code null} if too little was measured. */
	@Nullable Long measuredRowsPerSecond() {
		return (this.progress.workMillis() >= ENOUGH_MILLIS) ? Long.valueOf(Math.round(this.rowsPerSecond * this.load))
				: null;
	}

	/** Share that is done, at most 99 % as long as it is not finished. */
	@Nullable Integer percent() {
		Long all = this.progress.rowsEstimated();
		return (all == null || all == 0) ? null : (int) Math.min(99, this.progress.seenInPass() * 100 / all);
	}

	/** Such as "71 % (about 710000 of 1000000 rows), about 2 h 10 min left". */
	String describeForGate() {
		Integer percent = percent();
		Duration left = timeLeft();
		return ((percent != null)
				? String.format(Locale.ROOT, "%d %% (about %d of %d rows%s)", percent, this.progress.seenInPass(),
						this.progress.rowsEstimated(),
						(this.progress.pass() > 1) ? " of pass " + this.progress.pass() : "")
				: this.progress.rowsSeen() + " rows seen")
				+ ((left != null) ? ", about " + Amounts.duration(left) + " left" : "");
	}

	/** Such as "71 %, 12000 rows/s, about 2 h 10 min left". */
	String describe() {
		Integer percent = percent();
		Duration left = timeLeft();
		StringBuilder text = new StringBuilder(
				(percent != null) ? percent + " %" : this.progress.rowsSeen() + " rows seen");
		if (this.progress.pass() > 1) {
			text.append(String.format(Locale.ROOT, " of pass %d", this.progress.pass()));
		}
		Long measured = measuredRowsPerSecond();
		if (measured != null) {
			text.append(String.format(Locale.ROOT, ", %d rows/s", measured));
		}
		if (left != null) {
			text.append(", about ").append(Amounts.duration(left)).append(" left");
		}
		return text.toString();
	}

}
