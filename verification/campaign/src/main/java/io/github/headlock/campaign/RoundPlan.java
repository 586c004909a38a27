package io.github.headlock.campaign;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * All that a seed decides.
 *
 * @param scenario what is rolled out
 * @param schedule what strikes
 * @param random what the rest of the round is drawn from
 */
record RoundPlan(Scenario scenario, Schedule schedule, SplittableRandom random) {

	/** So that what a seed draws for a failover has nothing in common with the rest. */
	private static final long FAILOVER = 0xD1B54A32D192ED03L;

	/** What reports tell of it. */
	RoundSummary summary() {
		return new RoundSummary(String.format(Locale.ROOT, "%s | %s", this.scenario, this.schedule),
				this.scenario.traits(),
				this.schedule.has(FaultKind.FAILOVER) ? List.of(FaultKind.values()) : FaultKind.DRAWN,
				Invariant.OF_ROLLOUTS);
	}

	static RoundPlan of(long seed) {
		return of(seed, false);
	}

	/**
	 * Draws a round.
	 * @param seed decides what happens
	 * @param failover whether a standby takes the place of the primary meanwhile;
	 * without, a seed draws what it always did
	 * @return the round
	 */
	static RoundPlan of(long seed, boolean failover) {
		SplittableRandom random = new SplittableRandom(seed);
		// from a generator of its own, so that seeds still draw all else as they did
		// before
		boolean later = new SplittableRandom(~seed).nextInt(6) == 0;
		Scenario scenario = Scenario.draw(random, later);
		if (!failover) {
			return new RoundPlan(scenario, Schedule.draw(random, scenario), random);
		}
		SplittableRandom own = new SplittableRandom(seed ^ FAILOVER);
		Scenario onPair = scenario.on(Topology.drawPair(own));
		return new RoundPlan(onPair, Schedule.draw(random, onPair).withFailover(own, onPair), random);
	}

}
