package io.github.headlock.background;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import io.github.headlock.BackgroundThrottle;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Throttles of the application, which ask background migrations to hold.
 */
class ApplicationThrottlesTests {

	private final TestDatabase database = TestDatabase.create();

	private final Holds holds;

	ApplicationThrottlesTests() throws Exception {
		this.holds = new Holds(this.database);
	}

	@Test
	void theApplicationHoldsAsLongAsItSaysSo() throws Exception {
		Map<String, BackgroundThrottle> throttles = new HashMap<>();
		throttles.put("night", (migration) -> null);
		throttles.put("report", (migration) -> "the report reads " + migration + "\nnow");
		BackgroundWork process = this.holds.process(Holds.settings(throttles));
		assertThat(this.holds.holds(process)).isTrue();
		assertThat(this.holds.because()).isEqualTo("the report reads backfill now (throttle \"report\")");
		this.holds.makeOld();
		assertThat(this.holds.holds(process)).isTrue();
		assertThat(this.holds.because()).isNotNull();
		throttles.remove("report");
		this.holds.expire();
		assertThat(this.holds.holds(process)).isFalse();
		assertThat(this.holds.because()).isNull();
	}

	/** It may hold for hours before, and an autovacuum is spared nevertheless. */
	@Test
	void aHoldOfTheApplicationDoesNotShortenTheNextOne() throws Exception {
		BackgroundWork process = this.holds.process(Holds.settings(Map.of("night", (migration) -> "it is day")));
		assertThat(this.holds.holds(process)).isTrue();
		this.holds.makeOld();
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			assertThat(this.holds.because()).startsWith("pid ");
			session.rollback();
		}
	}

	@Test
	void aThrottleThatFailsHoldsAndIsToldOfOnce() throws Exception {
		Map<String, BackgroundThrottle> throttles = new HashMap<>();
		throttles.put("broken", (migration) -> {
			throw new IOException("secret of " + migration);
		});
		BackgroundWork process = this.holds.process(Holds.settings(throttles));
		try (HeadlockLog log = HeadlockLog.open()) {
			for (int i = 0; i < 3; i++) {
				assertThat(this.holds.holds(process)).isTrue();
				assertThat(this.holds.because()).isEqualTo("the throttle \"broken\" has failed: IOException");
				this.holds.expire();
			}
			assertThat(failures(log)).hasSize(1);
			throttles.put("broken", (migration) -> {
				throw new NoClassDefFoundError("Optional");
			});
			assertThat(this.holds.holds(process)).isTrue();
			assertThat(failures(log)).hasSize(2);
			throttles.put("broken", (migration) -> null);
			this.holds.expire();
			assertThat(this.holds.holds(process)).isFalse();
		}
	}

	/** The thread that works would end. */
	@Test
	void aThrottleThatInterruptsItselfHarmsNobody() throws Exception {
		BackgroundWork process = this.holds.process(Holds.settings(Map.of("hasty", (migration) -> {
			Thread.currentThread().interrupt();
			throw new InterruptedException();
		})));
		assertThat(this.holds.holds(process)).isTrue();
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	/** Nothing else would be worked on by this process. */
	@Test
	void aThrottleThatDoesNotAnswerHolds() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		Map<String, BackgroundThrottle> throttles = Map.of("silent", (migration) -> {
			never.await();
			return null;
		});
		ApplicationThrottles asked = new ApplicationThrottles(Holds.settings(throttles).beans(), Duration.ofMillis(50));
		try (HeadlockLog log = HeadlockLog.open()) {
			HoldReason reason = Background.start(() -> asked.ask("backfill")).result();
			assertThat(reason.text()).isEqualTo("the throttle \"silent\" has failed: InterruptedException");
			assertThat(log.messages()).contains("Background migration \"backfill\": the throttle \"silent\" has not "
					+ "answered within 0.1 s, so it is interrupted; nothing is worked on before");
		}
	}

	private static List<String> failures(HeadlockLog log) {
		return log.messages().stream().filter((line) -> line.contains("the throttle \"broken\" failed")).toList();
	}

	@Test
	void throttlesThatCannotBeLookedUpHold() throws Exception {
		ThrottleSettings settings = new ThrottleSettings(Duration.ZERO, null, new ThrottleBeans(() -> {
			throw new IllegalStateException("context is closed");
		}, (name) -> Optional.empty()));
		assertThat(this.holds.holds(this.holds.process(settings))).isTrue();
		assertThat(this.holds.because()).isEqualTo("the throttles of the application cannot be looked up");
	}

}
