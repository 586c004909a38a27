package io.github.headlock.campaign;

import java.util.SplittableRandom;

/**
 * All that a seed decides.
 *
 * @param scenario what is rolled out
 * @param schedule what strikes
 * @param random what the rest of the round is drawn from
 */
record Draw(Scenario scenario, Schedule schedule, SplittableRandom random) {

	static Draw of(long seed) {
		SplittableRandom random = new SplittableRandom(seed);
		Scenario scenario = Scenario.draw(random);
		return new Draw(scenario, Schedule.draw(random, scenario), random);
	}

}
