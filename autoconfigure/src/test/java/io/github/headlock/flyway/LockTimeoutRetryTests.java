package io.github.headlock.flyway;

import java.time.Duration;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the pauses before a migration queues again grow.
 */
class LockTimeoutRetryTests {

	@Test
	void pausesAreDoubledUpToHalfAMinute() {
		assertThat(IntStream.rangeClosed(1, 8).mapToObj(LockTimeoutRetry::meanPause).map(Duration::toMillis))
			.containsExactly(500L, 1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L);
		assertThat(LockTimeoutRetry.meanPause(Integer.MAX_VALUE)).hasSeconds(30);
	}

}
