package io.github.headlock.campaign;

import java.util.SplittableRandom;

/**
 * All that a seed decides.
 *
 * @param scenario what is rolled out
 * @param schedule what strikes
 * @param random what the rest of the round is drawn from
 */
record RoundPlan(Scenario scenario, Schedule schedule, SplittableRandom random) {

	static RoundPlan of(long seed) {
		SplittableRandom random = new SplittableRandom(seed);
		// from a generator of its own, so that seeds still draw all else as they did
		// before
		boolean later = new SplittableRandom(~seed).nextInt(6) == 0;
		Scenario scenario = Scenario.draw(random, later);
		return new RoundPlan(scenario, Schedule.draw(random, scenario), random);
	}

}
