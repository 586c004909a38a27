package io.github.headlock.sample.demo;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Sets the first rollout with Headlock beside the same rollout with Flyway alone.
 *
 * @param headline what both have in common
 * @param headlock the rollout with Headlock
 * @param plain the rollout with Flyway alone, empty if the user left it out
 */
record Comparison(String headline, RolloutTimeline headlock, Optional<RolloutTimeline> plain) {

	/** What happened in words, whatever it was. */
	List<String> sentences() {
		return this.plain
			.map((alone) -> List.of("Flyway alone:  " + alone.result(), "With Headlock: " + this.headlock.result()))
			.orElse(List.of());
	}

	/** Both in one picture, on the same time axis. */
	String picture() {
		return SvgTimeline.draw(this.headline,
				Stream
					.concat(this.plain.map((alone) -> alone.withTitle("Flyway alone")).stream(),
							Stream.of(this.headlock.withTitle("With Headlock")))
					.toList());
	}

}
