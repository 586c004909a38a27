package io.github.headlock.campaign;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The campaign itself, in small: {@link ScheduleTests} makes sure that these seeds have
 * everything.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class CampaignIT {

	static final long[] SEEDS = { 129, 218, 257, 299, 309, 360, 540, 1576, 1579, 1797, 2047, 2486, 2823 };

	static final long[] FAILOVER_SEEDS = { 1, 5, 7, 8, 10 };

	static final long[] BACKGROUND_SEEDS = { 21, 122, 193, 1059, 4508, 6894, 9500 };

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final Campaign campaign = new Campaign(Path.of(System.getProperty("campaign.target", "target")),
			new PrintStream(this.output, true, StandardCharsets.UTF_8));

	@Test
	void theRoundsOfFixedSeedsFindNoViolation() throws Exception {
		int exitCode = this.campaign.run(SEEDS,
				new CampaignOptions(SEEDS.length, 0, false, Duration.ofMinutes(2), 2, null, false, false));
		assertThat(exitCode).as(text()).isZero();
		assertThat(text()).contains("| rounds | %d |".formatted(SEEDS.length), "No violation.");
		for (FaultKind kind : FaultKind.DRAWN) {
			assertThat(count(kind.text())).as("%s in%n%s", kind, text()).isPositive();
		}
		assertThat(count("faults that missed")).as(text()).isLessThan(count("faults that struck") / 2);
	}

	@Test
	void theFailoversOfFixedSeedsFindNoViolation() throws Exception {
		int exitCode = this.campaign.run(FAILOVER_SEEDS,
				new CampaignOptions(FAILOVER_SEEDS.length, 0, false, Duration.ofMinutes(2), 2, null, true, false));
		assertThat(exitCode).as(text()).isZero();
		assertThat(text()).contains("No violation.");
		assertThat(count(FaultKind.FAILOVER.text())).as(text()).isEqualTo(FAILOVER_SEEDS.length);
		assertThat(count(FaultKind.HELD_BACK.text())).as(text()).isPositive();
		assertThat(count("rounds that lost migrations")).as(text()).isPositive();
	}

	@Test
	void theBackgroundMigrationsOfFixedSeedsFindNoViolation() throws Exception {
		int exitCode = this.campaign.run(BACKGROUND_SEEDS,
				new CampaignOptions(BACKGROUND_SEEDS.length, 0, false, Duration.ofMinutes(2), 2, null, false, true));
		assertThat(exitCode).as(text()).isZero();
		assertThat(text()).contains("No violation.");
		assertThat(count("faults that missed")).as(text()).isLessThan(count("faults that struck") / 2);
		assertThat(text()).contains("| " + Invariant.ATOMIC + " | 0 |").doesNotContain(Invariant.EFFECTS.toString());
	}

	@Test
	void aViolationTellsItsStoryAndHowToSeeItAgain() throws Exception {
		int exitCode = this.campaign.run(new long[] { 1246 },
				new CampaignOptions(1, 1246, false, Duration.ZERO, 1, null, false, false));
		assertThat(exitCode).isEqualTo(1);
		assertThat(text()).contains("VIOLATED  every replica ready: replica-", "the release is rolled out",
				"replica-0 is started", "FAULT ", "Migration lock of", "again: bin/campaign --seed 1246 --rounds 1",
				"| **rounds with a violation** | 1 |");
	}

	@Test
	void aDatabaseThatNobodyMigratedIsAViolation() throws Exception {
		long seed = LongStream.range(0, 1_000_000)
			.filter(CampaignIT::isOverBeforeAReplicaIsUp)
			.findFirst()
			.orElseThrow();
		int exitCode = this.campaign.run(new long[] { seed },
				new CampaignOptions(1, seed, false, Duration.ZERO, 1, null, false, false));
		assertThat(exitCode).isEqualTo(1);
		assertThat(text()).contains("VIOLATED  every migration's effect exactly once: [no table] instead of",
				"VIOLATED  history consistent with the release: there is no history", "history: [there is none]",
				"again: bin/campaign --seed %d --rounds 1".formatted(seed));
	}

	@Test
	void aRoundWithoutAnEndIsToldAndTheNextOnesAreRun() throws Exception {
		// there is no database of such a name
		int exitCode = this.campaign.run(new long[] { -1, quickSeed() },
				new CampaignOptions(2, 0, false, Duration.ofMinutes(2), 1, null, false, false));
		assertThat(exitCode).isEqualTo(1);
		assertThat(text()).contains("seed -1  LOST", "NOT BROUGHT TO ITS END  java.lang.IllegalStateException",
				"again: bin/campaign --seed -1 --rounds 1", "   2  seed " + quickSeed() + "  ok", "| rounds | 2 |",
				"| **rounds with a violation** | 0 |", "| **rounds that were not brought to their end** | 1 |");
	}

	private static long quickSeed() {
		return LongStream.range(0, 1_000_000).filter(CampaignIT::isOverBeforeAReplicaIsUp).findFirst().orElseThrow();
	}

	private static boolean isOverBeforeAReplicaIsUp(long seed) {
		RoundPlan draw = RoundPlan.of(seed);
		List<Fault> faults = draw.schedule().faults();
		return !draw.scenario().fromPrevious() && draw.scenario().failing() == 0 && faults.size() == 1
				&& faults.get(0).step() == Step.ANYTIME && faults.get(0).kind() == FaultKind.STOP
				&& faults.get(0).delay() + faults.get(0).length() < 400;
	}

	@Test
	void aWrongArgumentIsExplained() throws Exception {
		assertThat(this.campaign.run("--rounds", "none")).isEqualTo(2);
		assertThat(text())
			.isEqualTo("bin/campaign: --rounds must be a number from 1 to 100000, not 'none'%n".formatted());
	}

	/** The number in a row of the report. */
	private int count(String row) {
		Matcher matcher = Pattern.compile("\\| %s \\| (\\d+) \\|".formatted(Pattern.quote(row))).matcher(text());
		assertThat(matcher.find()).as(row).isTrue();
		return Integer.parseInt(matcher.group(1));
	}

	private String text() {
		return this.output.toString(StandardCharsets.UTF_8);
	}

}
