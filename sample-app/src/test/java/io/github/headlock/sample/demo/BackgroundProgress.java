package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;

/**
 * How far a background migration was, as it was seen from outside again and again.
 *
 * @param name its name
 * @param samples what was seen, in order, at least once
 */
record BackgroundProgress(String name, List<Sample> samples) {

	Duration from() {
		return this.samples.get(0).at();
	}

	Duration to() {
		return last().at();
	}

	Sample last() {
		return this.samples.get(this.samples.size() - 1);
	}

	/** The share that was done at a time, in percent. */
	int percent(Duration at) {
		return this.samples.stream()
			.takeWhile((sample) -> sample.at().compareTo(at) <= 0)
			.reduce((earlier, later) -> later)
			.map(Sample::percent)
			.orElse(0);
	}

	/** Such as "200000 rows in 16.0 s, 12500 rows/s". */
	String summary() {
		Sample filled = this.samples.stream().filter(Sample::isFilled).findFirst().orElse(last());
		Duration took = filled.at().minus(from());
		return "%d rows in %s, %d rows/s%s".formatted(filled.changed(), Seconds.of(took),
				filled.changed() * 1000 / Math.max(1, took.toMillis()), last().finished() ? "" : ", not finished");
	}

	/**
	 * One look at it.
	 *
	 * @param at when, since the rollout began
	 * @param pass how often it has begun to go along the table
	 * @param finished whether it is finished
	 * @param seenInPass rows that it has gone along in this pass
	 * @param rows rows of the table, as the server estimates them
	 * @param changed rows that it has changed
	 */
	record Sample(Duration at, int pass, boolean finished, long seenInPass, long rows, long changed) {

		/** Whether it has gone along the whole table once. */
		boolean isFilled() {
			return this.pass > 1 || this.finished;
		}

		int percent() {
			return isFilled() ? 100 : (int) Math.min(99, this.seenInPass * 100 / Math.max(1, this.rows));
		}

	}

}
