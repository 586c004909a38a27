package io.github.headlock.waiting;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * How long the pauses between two tries are.
 */
class BackoffTests {

	private static final Duration MEAN = Duration.ofSeconds(10);

	private static final Duration UNLIMITED = Duration.ofDays(1);

	@Test
	void pausesSpreadEvenlyFromHalfToOneAndAHalfTimesTheMean() {
		List<Long> pauses = pauses(MEAN, UNLIMITED);
		assertThat(pauses).allSatisfy((pause) -> assertThat(pause).isBetween(5000L, 15000L));
		for (long second = 5; second < 15; second++) {
			long from = second * 1000;
			assertThat(pauses.stream().filter((pause) -> pause >= from && pause < from + 1000).count())
				.isCloseTo(pauses.size() / 10, within(pauses.size() / 50L));
		}
	}

	@Test
	void noPauseIsLongerThanTheLimit() {
		assertThat(pauses(MEAN, Duration.ofSeconds(8))).allSatisfy((pause) -> assertThat(pause).isBetween(5000L, 8000L))
			.contains(8000L);
	}

	@Test
	void aLimitThatIsOverLeavesNoPause() {
		assertThat(pauses(MEAN, Duration.ofSeconds(-1))).containsOnly(0L);
	}

	@Test
	void aMeanOfNothingIsNoPause() {
		assertThat(pauses(Duration.ZERO, UNLIMITED)).containsOnly(0L);
	}

	/** In milliseconds, the same ones at each run. */
	private static List<Long> pauses(Duration mean, Duration limit) {
		Random random = new Random(42);
		return Stream.generate(() -> Backoff.around(mean, limit, random).toMillis()).limit(10_000).toList();
	}

}
