package io.github.headlock.background;

import java.time.Duration;

/**
 * Chooses the sizes of batches, so that each takes about as long as it should.
 *
 * @param target what a batch should take
 */
record BatchSizer(Duration target) {

	/** What a transaction takes without any row is not to be counted against its rows. */
	private static final int MIN = 10;

	private static final int MAX = 100_000;

	/**
	 * Where few rows need the migration, a batch says little about the next one, which
	 * may be full of them.
	 */
	private static final int MAX_SPARSE = 10_000;

	/**
	 * Returns the size of the next batch.
	 * @param size size of the last one
	 * @param changed how many of its rows needed the migration
	 * @param took what it took
	 */
	int next(int size, long changed, Duration took) {
		double factor = (double) this.target.toMillis() / Math.max(1, took.toMillis());
		int next = (int) (size * Math.max(0.5, Math.min(2, factor)));
		int max = (changed * 2 >= size) ? MAX : MAX_SPARSE;
		return Math.max(Math.min(size, MIN), Math.min(next, max));
	}

	/** Whether a batch took so much longer than it should that not even one more may. */
	boolean isFarTooLong(Duration took) {
		return took.compareTo(this.target.multipliedBy(4)) >= 0;
	}

}
