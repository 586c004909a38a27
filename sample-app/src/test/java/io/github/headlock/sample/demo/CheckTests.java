package io.github.headlock.sample.demo;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CheckTests {

	@Test
	void aKeptPromiseShowsWhatWasSeen() {
		assertThat(Check.equal("data: parcels", 40, 40)).hasToString("  [ok] data: parcels: 40");
	}

	@Test
	void aBrokenPromiseShowsWhatWasExpected() {
		Check check = Check.equal("data: parcels", 40, 80);
		assertThat(check.kept()).isFalse();
		assertThat(check).hasToString("  [FAILED] data: parcels: 80 instead of 40");
	}

	@Test
	void aRolloutIsReadyOnlyIfEveryReplicaIs() {
		List<RolloutTimeline> rollouts = FixedRollouts.all();
		assertThat(rollouts).extracting(RolloutTimeline::isReady).containsExactly(true, false);
		assertThat(rollouts.get(0).count("migrated")).isOne();
	}

}
