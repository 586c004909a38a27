package io.github.headlock.benchmark;

import java.util.Locale;
import java.util.Optional;

/**
 * What a part should reach.
 *
 * @param metric what is compared
 * @param most how many times that of plain Flyway it may be with Headlock
 */
record Goal(Metric metric, double most) {

	/** Whether it is met, as a line of a list; empty if there is nothing to compare. */
	Optional<String> text(Results results, String part, String situation) {
		return results.ratio(part, situation, this.metric)
			.map((ratio) -> String.format(Locale.ROOT,
					"- Goal, %s: %s at most %s times that of plain Flyway: %s with %.3f, that of the medians is %.3f.",
					situation, this.metric.words(), this.most, (ratio.median() <= this.most) ? "met" : "missed",
					ratio.median(), results.ratioOfMedians(part, situation, this.metric).orElseThrow()));
	}

}
