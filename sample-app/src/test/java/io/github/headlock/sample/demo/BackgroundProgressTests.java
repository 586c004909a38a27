package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackgroundProgressTests {

	private final BackgroundProgress progress = FixedRollouts.progress();

	@Test
	void theSummaryTellsHowLongItTookToFillTheRows() {
		assertThat(this.progress.summary()).isEqualTo("10000 rows in 10.0 s, 1000 rows/s");
		assertThat(new BackgroundProgress("", this.progress.samples().subList(0, 5)).summary())
			.isEqualTo("4000 rows in 4.0 s, 1000 rows/s, not finished");
	}

	@Test
	void theShareIsThatOfTheLatestLook() {
		assertThat(List.of(4, 5, 6, 14, 15, 30)).extracting(Duration::ofSeconds)
			.extracting(this.progress::percent)
			.containsExactly(0, 0, 10, 90, 100, 100);
		assertThat(this.progress.percent(Duration.ofMillis(6900))).isEqualTo(10);
	}

	@Test
	void moreRowsThanTheServerEstimatesAreNotAllOfThem() {
		assertThat(new BackgroundProgress.Sample(Duration.ZERO, 1, false, 300, 200, 300).percent()).isEqualTo(99);
		assertThat(new BackgroundProgress.Sample(Duration.ZERO, 1, false, 0, 0, 0).percent()).isZero();
	}

}
