package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps seconds to places on a line that begins at zero.
 *
 * @param length length of the line, in any unit
 * @param end what the end of the line stands for
 */
record TimeAxis(double length, Duration end) {

	private static final int[] STEPS = { 1, 2, 5, 10, 20, 30, 60 };

	private static final int MOST_TICKS = 9;

	double at(Duration time) {
		double share = time.toMillis() / (double) Math.max(1, this.end.toMillis());
		return this.length * Math.min(1, Math.max(0, share));
	}

	Duration timeAt(double place) {
		return Duration.ofMillis((long) (this.end.toMillis() * place / this.length));
	}

	/** Whole seconds that deserve a mark, from zero. */
	List<Integer> ticks() {
		int step = step();
		List<Integer> ticks = new ArrayList<>();
		for (int second = 0; second <= this.end.toSeconds(); second += step) {
			ticks.add(second);
		}
		return ticks;
	}

	private int step() {
		for (int step : STEPS) {
			if (this.end.toSeconds() / step < MOST_TICKS) {
				return step;
			}
		}
		return STEPS[STEPS.length - 1];
	}

}
