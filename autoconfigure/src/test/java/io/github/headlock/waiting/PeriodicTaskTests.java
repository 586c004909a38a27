package io.github.headlock.waiting;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
class PeriodicTaskTests {

	private final AtomicInteger runs = new AtomicInteger();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void goesOnAfterWhatTheTaskThrowsAndWarnsOfItOnce(boolean error, CapturedOutput output) {
		try (PeriodicTask task = new PeriodicTask("headlock-example", Duration.ofMillis(1), () -> {
			this.runs.incrementAndGet();
			if (error) {
				throw new NoClassDefFoundError("missing");
			}
			throw new IllegalStateException("broken");
		})) {
			await().until(() -> this.runs.get() > 2);
		}
		assertThat(StringUtils.countOccurrencesOf(output.getAll(), "The periodic task headlock-example failed;"))
			.isOne();
		assertThat(output).contains(error ? "missing" : "broken");
	}

	@Test
	void beginsNoFurtherRunOnceItIsClosed() throws Exception {
		Thread[] thread = new Thread[1];
		try (PeriodicTask task = new PeriodicTask("headlock-example", Duration.ofMillis(1), () -> {
			thread[0] = Thread.currentThread();
			this.runs.incrementAndGet();
		})) {
			await().until(() -> this.runs.get() > 0);
		}
		thread[0].join();
		assertThat(thread[0].isDaemon()).isTrue();
	}

}
