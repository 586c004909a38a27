package io.github.headlock.migration;

import java.time.Duration;

/**
 * Bounds everything a start waits for, by the monotonic clock.
 *
 * @param timeout the bound
 * @param stopwatch runs from when the bound holds
 */
record Deadline(Duration timeout, Stopwatch stopwatch) {

	static Deadline in(Duration timeout) {
		return new Deadline(timeout, new Stopwatch());
	}

	/** What is left, negative once it is over. */
	Duration remaining() {
		return this.timeout.minus(this.stopwatch.elapsed());
	}

	boolean isOver() {
		return remaining().toNanos() <= 0;
	}

	@Override
	public String toString() {
		return Stopwatch.seconds(this.timeout);
	}

}
