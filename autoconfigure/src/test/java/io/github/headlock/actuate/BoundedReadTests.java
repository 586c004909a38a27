package io.github.headlock.actuate;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

import io.github.headlock.test.Background;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Who waits for a read, and for how long.
 */
class BoundedReadTests {

	private final BoundedRead<String> reads = new BoundedRead<>((task) -> new Thread(task).start());

	@Test
	void fewCallersWaitForAReadThatIsNotQuick() throws Exception {
		CountDownLatch answer = new CountDownLatch(1);
		List<Background<String>> callers = IntStream.range(0, 50)
			.mapToObj((i) -> Background.start(() -> this.reads.await(() -> {
				answer.await();
				return "read";
			}, Duration.ofMinutes(10))))
			.toList();
		await().until(() -> waiting(callers).size() <= BoundedRead.MOST_WAITING);
		List<Background<String>> waiting = waiting(callers);
		assertThat(waiting).hasSize(BoundedRead.MOST_WAITING);
		answer.countDown();
		for (Background<String> caller : callers) {
			if (waiting.contains(caller)) {
				assertThat(caller.result()).isEqualTo("read");
			}
			else {
				assertThat(caller.failure()).isInstanceOf(TimeoutException.class)
					.hasMessageMatching("The database did not answer within \\d+ ms, and 5 other calls wait for it");
			}
		}
	}

	private static List<Background<String>> waiting(List<Background<String>> callers) {
		return callers.stream().filter((caller) -> !caller.isDone()).toList();
	}

}
