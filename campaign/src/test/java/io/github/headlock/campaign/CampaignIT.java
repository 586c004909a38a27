package io.github.headlock.campaign;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

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

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final Campaign campaign = new Campaign(Path.of(System.getProperty("campaign.target", "target")),
			new PrintStream(this.output, true, StandardCharsets.UTF_8));

	@Test
	void nothingBreaks() throws Exception {
		int exitCode = this.campaign.run(SEEDS,
				new CampaignOptions(SEEDS.length, 0, false, Duration.ofMinutes(2), 2, null));
		assertThat(exitCode).as(text()).isZero();
		assertThat(text()).contains("| rounds | %d |".formatted(SEEDS.length), "No violation.");
	}

	@Test
	void aViolationTellsItsStoryAndHowToSeeItAgain() throws Exception {
		int exitCode = this.campaign.run(new long[] { 1246 }, new CampaignOptions(1, 1246, false, Duration.ZERO, 1, null));
		assertThat(exitCode).isEqualTo(1);
		assertThat(text()).contains("VIOLATED  every replica ready: replica-", "the release is rolled out",
				"replica-0 is started", "FAULT ", "Migration lock of", "again: bin/campaign --seed 1246 --rounds 1",
				"| **rounds with a violation** | 1 |");
	}

	@Test
	void aWrongArgumentIsExplained() throws Exception {
		assertThat(this.campaign.run("--rounds", "none")).isEqualTo(2);
		assertThat(text())
			.isEqualTo("bin/campaign: --rounds must be a number from 1 to 100000, not 'none'%n".formatted());
	}

	private String text() {
		return this.output.toString(StandardCharsets.UTF_8);
	}

}
