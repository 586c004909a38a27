package io.github.headlock.waiting;

import java.time.Duration;

/**
 * Bounds everything a start waits for, by the monotonic clock.
 *
 * @param timeout the bound
 * @param stopwatch runs from when the bound holds
 */
public record Deadline(Duration timeout, Stopwatch stopwatch) {

	/**
	 * Begins now.
	 * @param timeout the bound
	 * @return the deadline
	 */
	public static Deadline in(Duration timeout) {
		return new Deadline(timeout, new Stopwatch());
	}

	/**
	 * Returns what is left.
	 * @return the time, negative once it is over
	 */
	public Duration remaining() {
		return this.timeout.minus(this.stopwatch.elapsed());
	}

	/**
	 * Returns whether nothing is left.
	 * @return whether it is over
	 */
	public boolean isOver() {
		return remaining().toNanos() <= 0;
	}

	@Override
	public String toString() {
		return Stopwatch.seconds(this.timeout);
	}

}
