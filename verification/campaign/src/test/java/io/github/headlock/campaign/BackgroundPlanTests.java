package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What seeds draw for background migrations.
 */
class BackgroundPlanTests {

	private static final Path PAGE = Path.of("../../docs/fault-campaign.md");

	private static final List<BackgroundPlan> DRAWN = LongStream.range(0, 3000).mapToObj(BackgroundPlan::of).toList();

	@Test
	void aSeedDrawsTheSameAgain() {
		assertThat(LongStream.range(0, 3000).mapToObj(BackgroundPlan::of)).extracting(BackgroundPlan::toString)
			.isEqualTo(DRAWN.stream().map(BackgroundPlan::toString).toList());
	}

	/** So that the rounds that the documentation reports can be run again. */
	@Test
	void seedsKeepTheirMeaning() {
		List<String> texts = DRAWN.stream().map(BackgroundPlan::base).toList();
		assertThat(texts).startsWith(
				"444 rows workers 2 load 25 target 25 ms timeout 6 s direct replicas 1+2 at-work | "
						+ "stop-long rows changed, terminate batch made",
				"12106 rows partitioned workers 2 load 25 target 25 ms timeout 6 s pool 8 replicas 1+3 early at-work | "
						+ "pooler before commit");
		assertThat(texts.hashCode()).as("all 3000").isEqualTo(1391579409);
	}

	@Test
	void whatIsAddedKeepsItsMeaningAsWell() {
		List<String> texts = DRAWN.stream().map(BackgroundPlan::extras).map(BackgroundExtras::toString).toList();
		assertThat(texts).startsWith("sql later java; beside: full-speed", "java later sql; beside: retried");
		assertThat(texts.hashCode()).as("all 3000").isEqualTo(-897361021);
	}

	@Test
	void everyDisturbanceIsDrawnAndJobsAreStruckOnlyWhereThereAreAny() {
		assertThat(DRAWN.stream().flatMap((plan) -> plan.extras().disturbances().stream()))
			.extracting(BackgroundDisturbance::kind)
			.contains(BackgroundDisturbanceKind.values());
		assertThat(DRAWN).filteredOn((plan) -> plan.extras().jobs() == 0)
			.hasSizeBetween(1500, 2500)
			.allSatisfy((plan) -> assertThat(plan.extras().disturbances()).extracting(BackgroundDisturbance::kind)
				.noneMatch(BackgroundDisturbanceKind::isOfJob));
	}

	@Test
	void aPlanTellsWhatIsAdded() {
		assertThat(DRAWN).allSatisfy(
				(plan) -> assertThat(plan.toString()).startsWith(plan.base()).endsWith(plan.extras().toString()));
	}

	@Test
	void everyKindOfFaultMeetsEveryStepThatItFits() {
		assertThat(met(BackgroundPlan::faults)).isEqualTo(all((kind) -> true));
		assertThat(met(BackgroundPlan::atStart)).isEqualTo(all(BackgroundFaultKind::fitsStart));
	}

	private static Set<String> met(Function<BackgroundPlan, List<BackgroundFault>> faults) {
		return DRAWN.stream()
			.flatMap((plan) -> faults.apply(plan).stream())
			.map(BackgroundFault::toString)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static Set<String> all(Function<BackgroundFaultKind, Boolean> which) {
		return Arrays.stream(BackgroundFaultKind.values())
			.filter(which::apply)
			.flatMap((kind) -> Arrays.stream(BackgroundStep.values())
				.filter(kind::fits)
				.flatMap((step) -> Stream.of(0, 1).map((length) -> new BackgroundFault(kind, step, length).toString())))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	@Test
	void aPoolerIsStruckOnlyWhereThereIsOne() {
		assertThat(DRAWN).filteredOn((plan) -> !plan.scenario().isPooled())
			.hasSizeBetween(1000, 2000)
			.allSatisfy((plan) -> assertThat(plan.faults()).extracting(BackgroundFault::kind)
				.doesNotContain(BackgroundFaultKind.POOLER));
	}

	@Test
	void aStartIsStruckOnlyWhereItHasSomethingToFinish() {
		assertThat(DRAWN).filteredOn((plan) -> !plan.scenario().isFinishedByStart())
			.hasSizeBetween(1000, 2000)
			.allSatisfy((plan) -> assertThat(plan.atStart()).isEmpty());
	}

	@Test
	void theTextOfAMigrationChangesOnce() {
		assertThat(DRAWN).allSatisfy((plan) -> assertThat(plan.faults())
			.filteredOn((fault) -> fault.kind() == BackgroundFaultKind.LATER_RELEASE)
			.hasSizeBetween(0, 1));
	}

	@Test
	void theShortRunHasEverySituationAndEveryKindOfFaultThatIsQuick() {
		List<BackgroundPlan> shortRun = LongStream.of(CampaignIT.BACKGROUND_SEEDS)
			.mapToObj(BackgroundPlan::of)
			.toList();
		assertThat(shortRun).extracting((plan) -> plan.scenario().isPooled()).contains(true, false);
		assertThat(shortRun).extracting((plan) -> plan.scenario().early()).contains(true, false);
		assertThat(shortRun).extracting((plan) -> plan.scenario().ending()).contains(BackgroundEnding.values());
		assertThat(shortRun).extracting((plan) -> plan.scenario().workers()).contains(1, 2, 4);
		assertThat(shortRun.stream().flatMap((plan) -> Stream.concat(plan.faults().stream(), plan.atStart().stream())))
			.extracting(BackgroundFault::kind)
			.contains(Arrays.stream(BackgroundFaultKind.values())
				.filter((kind) -> kind != BackgroundFaultKind.PAUSED)
				.toArray(BackgroundFaultKind[]::new));
		assertThat(shortRun).anyMatch((plan) -> !plan.atStart().isEmpty());
		assertThat(shortRun.stream().flatMap((plan) -> plan.faults().stream()))
			.filteredOn((fault) -> fault.kind() == BackgroundFaultKind.LATER_RELEASE)
			.extracting(BackgroundFault::isRefused)
			.contains(true, false);
	}

	@Test
	void theShortRunHasWhatIsAdded() {
		List<BackgroundExtras> shortRun = LongStream.of(CampaignIT.BACKGROUND_SEEDS)
			.mapToObj(BackgroundPlan::of)
			.map(BackgroundPlan::extras)
			.toList();
		assertThat(shortRun).extracting(BackgroundExtras::java).contains(true, false);
		assertThat(shortRun).anyMatch((extras) -> extras.jobs() > 0 && extras.finishTimeout() == 0);
		assertThat(shortRun).anyMatch((extras) -> extras.finishTimeout() > 0);
		assertThat(shortRun.stream().flatMap((extras) -> extras.disturbances().stream()))
			.extracting(BackgroundDisturbance::kind)
			.contains(BackgroundDisturbanceKind.values());
	}

	@Test
	void theDocumentationListsTheDisturbancesAsTheyAre() throws IOException {
		String table = Arrays.stream(BackgroundDisturbanceKind.values())
			.map((kind) -> "| `%s` | %s |%n".formatted(kind, kind.text()))
			.collect(Collectors.joining("", "| beside | what happens |%n".formatted() + "| --- | --- |%n".formatted(),
					""));
		assertThat(Files.readString(PAGE)).contains(table);
	}

	@Test
	void theDocumentationListsTheFaultsAsTheyAre() throws IOException {
		String table = Arrays.stream(BackgroundFaultKind.values())
			.map((kind) -> "| `%s` | %s | %s | %s |%n".formatted(kind, kind.text(), steps(kind),
					kind.fitsStart() ? "yes" : "no"))
			.collect(Collectors.joining("", "| fault | what is done | at which steps | also at a start |%n".formatted()
					+ "| --- | --- | --- | --- |%n".formatted(), ""));
		assertThat(Files.readString(PAGE)).contains(table);
	}

	private static String steps(BackgroundFaultKind kind) {
		List<String> steps = Arrays.stream(BackgroundStep.values())
			.filter(kind::fits)
			.map(BackgroundStep::toString)
			.toList();
		return (steps.size() == BackgroundStep.values().length) ? "all" : String.join(", ", steps);
	}

}
