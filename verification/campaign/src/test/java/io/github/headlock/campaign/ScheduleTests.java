package io.github.headlock.campaign;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What seeds draw.
 */
class ScheduleTests {

	/** All that 3000 rounds do. */
	private static final List<RoundPlan> DRAWN = LongStream.range(0, 3000).mapToObj(RoundPlan::of).toList();

	private static final List<RoundPlan> FAILOVERS = failovers(LongStream.range(0, 3000));

	private static List<RoundPlan> failovers(LongStream seeds) {
		return seeds.mapToObj((seed) -> RoundPlan.of(seed, true)).toList();
	}

	@Test
	void aSeedDrawsTheSameAgain() {
		assertThat(LongStream.range(0, 3000).mapToObj(RoundPlan::of))
			.extracting(RoundPlan::scenario, RoundPlan::schedule)
			.isEqualTo(DRAWN.stream().map((drawn) -> tuple(drawn.scenario(), drawn.schedule())).toList());
	}

	/** So that the rounds that the documentation reports can be run again. */
	@Test
	void seedsKeepTheirMeaning() {
		List<String> texts = DRAWN.stream().map((drawn) -> drawn.scenario() + " | " + drawn.schedule()).toList();
		assertThat(texts).startsWith("upgrade direct revoke | lock-session inside 3, server-fast inside 99",
				"empty pool 2 drain failing 5 later | usurped letting in, kill ready",
				"empty direct terminate slow 4 plain-flyway | stop after 1929 ms, terminate starting, kill ready",
				"empty pool 3 cic failing 5 java | server-fast lock taken, server-fast inside 90");
		assertThat(texts.hashCode()).as("all 3000").isEqualTo(-624152589);
	}

	@Test
	void everyKindOfFaultMeetsEveryStepThatItFits() {
		assertThat(met(DRAWN)).isEqualTo(all(FaultKind.DRAWN));
	}

	@Test
	void failoversMeetEveryStepWithAndWithoutLostTransactions() {
		assertThat(met(FAILOVERS))
			.isEqualTo(all(Arrays.stream(FaultKind.values()).filter((kind) -> kind.isDrawn(true)).toList()));
		Set<String> met = new TreeSet<>();
		FAILOVERS.forEach((drawn) -> met
			.add(only(drawn, FaultKind.FAILOVER).step() + (drawn.schedule().has(FaultKind.HELD_BACK) ? " lossy" : "")));
		assertThat(met).hasSize(2 * Step.values().length);
	}

	@Test
	void replicationIsHeldBackBeforeTheFailover() {
		assertThat(FAILOVERS).filteredOn((drawn) -> drawn.schedule().has(FaultKind.HELD_BACK))
			.hasSizeBetween(1000, 2000)
			.allSatisfy((drawn) -> assertThat(drawn.schedule().faults())
				.containsSubsequence(only(drawn, FaultKind.HELD_BACK), only(drawn, FaultKind.FAILOVER)));
	}

	@Test
	void aRoundWithAFailoverHasNothingThatCannotGoAlongWithIt() {
		assertThat(FAILOVERS).noneMatch((drawn) -> drawn.scenario().isPooled() || drawn.scenario().plainFlyway());
		assertThat(FAILOVERS).filteredOn((drawn) -> drawn.scenario().topology() == Topology.PAIR_BEHIND_PGPOOL)
			.hasSizeBetween(300, 700)
			.allSatisfy((drawn) -> {
				assertThat(drawn.scenario().blocking()).isEqualTo(Blocking.NONE);
				assertThat(drawn.schedule().faults()).noneMatch((fault) -> fault.kind().restartsServer());
			});
	}

	private static Fault only(RoundPlan drawn, FaultKind kind) {
		return drawn.schedule().faults().stream().filter((fault) -> fault.kind() == kind).reduce((one, other) -> {
			throw new AssertionError("twice: " + drawn.schedule());
		}).orElseThrow();
	}

	private static Set<String> met(List<RoundPlan> rounds) {
		Set<String> met = new TreeSet<>();
		faults(rounds.stream()).forEach((fault) -> met.add(fault.kind() + " " + fault.step()));
		return met;
	}

	private static Set<String> all(List<FaultKind> kinds) {
		Set<String> all = new TreeSet<>();
		for (FaultKind kind : kinds) {
			Arrays.stream(Step.values()).filter(kind::fits).forEach((step) -> all.add(kind + " " + step));
		}
		return all;
	}

	@Test
	void faultsComeInTheOrderOfTheSteps() {
		assertThat(Stream.concat(DRAWN.stream(), FAILOVERS.stream())).allSatisfy((drawn) -> assertThat(
				drawn.schedule().faults().stream().filter((fault) -> fault.step().isOfMigration()).toList())
			.isSortedAccordingTo((one, other) -> (one.version() != other.version())
					? Integer.compare(one.version(), other.version()) : one.step().compareTo(other.step())));
	}

	@Test
	void aPlainFlywayIsNotStruckTogetherWithTheOthers() {
		assertThat(faults(DRAWN.stream().filter((drawn) -> drawn.scenario().plainFlyway())))
			.noneMatch((fault) -> fault.kind().strikesAll() || fault.kind().separatesLockFromMigration());
	}

	@Test
	void theShortRunHasEveryKindOfFaultAndEverySituation() {
		List<RoundPlan> shortRun = Arrays.stream(CampaignIT.SEEDS).mapToObj(RoundPlan::of).toList();
		EnumSet<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
		faults(shortRun.stream()).forEach((fault) -> kinds.add(fault.kind()));
		assertThat(kinds).containsExactlyElementsOf(FaultKind.DRAWN);
		assertThat(traits(shortRun)).isEqualTo(traits(DRAWN));
	}

	@Test
	void theShortRunOfFailoversHasEveryWayToTheServersWithAndWithoutLostTransactions() {
		List<RoundPlan> shortRun = failovers(LongStream.of(CampaignIT.FAILOVER_SEEDS));
		assertThat(shortRun).extracting((drawn) -> drawn.scenario().topology())
			.contains(Topology.PAIR, Topology.PAIR_AND_STANDBY_FIRST, Topology.PAIR_BEHIND_PGPOOL);
		assertThat(shortRun).extracting((drawn) -> drawn.schedule().has(FaultKind.HELD_BACK)).contains(true, false);
	}

	private static Set<String> traits(List<RoundPlan> rounds) {
		Set<String> traits = new TreeSet<>();
		rounds.forEach((drawn) -> traits.addAll(drawn.scenario().traits()));
		return traits;
	}

	private static Stream<Fault> faults(Stream<RoundPlan> rounds) {
		return rounds.flatMap((drawn) -> drawn.schedule().faults().stream());
	}

}
