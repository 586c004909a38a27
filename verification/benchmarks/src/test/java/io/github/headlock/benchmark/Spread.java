package io.github.headlock.benchmark;

import java.util.Collection;
import java.util.Locale;

/**
 * The median of some values, and the quartiles, between which half of them lie.
 *
 * @param lower the lower quartile
 * @param median the median
 * @param upper the upper quartile
 */
record Spread(double lower, double median, double upper) {

	/** Between two values it interpolates. */
	static Spread of(Collection<Double> values) {
		double[] sorted = sorted(values);
		return new Spread(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
	}

	/** The value that is not less than a share of them, from 0 to 1. */
	static double quantile(Collection<Double> values, double share) {
		return at(sorted(values), share);
	}

	private static double[] sorted(Collection<Double> values) {
		return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
	}

	private static double at(double[] sorted, double share) {
		double position = share * (sorted.length - 1);
		int before = (int) position;
		double after = sorted[Math.min(before + 1, sorted.length - 1)];
		return sorted[before] + (position - before) * (after - sorted[before]);
	}

	/** With so many digits; without the quartiles if they are the same. */
	String text(int digits) {
		String number = "%." + digits + "f";
		String median = String.format(Locale.ROOT, number, this.median);
		String lower = String.format(Locale.ROOT, number, this.lower);
		String upper = String.format(Locale.ROOT, number, this.upper);
		return lower.equals(upper) ? median : median + " (" + lower + "–" + upper + ")";
	}

}
