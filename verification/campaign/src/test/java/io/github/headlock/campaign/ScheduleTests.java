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

	@Test
	void aSeedDrawsTheSameAgain() {
		assertThat(LongStream.range(0, 3000).mapToObj(RoundPlan::of))
			.extracting(RoundPlan::scenario, RoundPlan::schedule)
			.isEqualTo(DRAWN.stream().map((drawn) -> tuple(drawn.scenario(), drawn.schedule())).toList());
	}

	@Test
	void everyKindOfFaultMeetsEveryStepThatItFits() {
		Set<String> expected = new TreeSet<>();
		for (FaultKind kind : FaultKind.values()) {
			Arrays.stream(Step.values()).filter(kind::fits).forEach((step) -> expected.add(kind + " " + step));
		}
		Set<String> met = new TreeSet<>();
		faults(DRAWN.stream()).forEach((fault) -> met.add(fault.kind() + " " + fault.step()));
		assertThat(met).isEqualTo(expected);
	}

	@Test
	void faultsComeInTheOrderOfTheSteps() {
		assertThat(DRAWN).allSatisfy((drawn) -> assertThat(
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
		assertThat(kinds).isEqualTo(EnumSet.allOf(FaultKind.class));
		assertThat(traits(shortRun)).isEqualTo(traits(DRAWN));
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
