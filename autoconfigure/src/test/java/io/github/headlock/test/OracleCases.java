package io.github.headlock.test;

import java.util.stream.LongStream;

/**
 * How many cases an oracle draws, and from which seeds. Each case is drawn from a seed of
 * its own, so that one that has failed can be drawn again.
 */
public final class OracleCases {

	private OracleCases() {
	}

	/**
	 * Returns the seeds, as {@code headlock.oracle.cases} and
	 * {@code headlock.oracle.seed} ask for.
	 * @param inBuild how many there are if nobody asks for another number
	 * @return the seeds
	 */
	public static LongStream seeds(int inBuild) {
		long first = Long.getLong("headlock.oracle.seed", 1);
		return LongStream.range(first, first + cases(inBuild));
	}

	/** Whether a share of them can be expected to be of some kind. */
	public static boolean areMany(int inBuild) {
		return cases(inBuild) >= inBuild;
	}

	private static int cases(int inBuild) {
		return Integer.getInteger("headlock.oracle.cases", inBuild);
	}

}
