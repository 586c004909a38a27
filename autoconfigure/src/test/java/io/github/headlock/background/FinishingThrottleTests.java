package io.github.headlock.background;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.github.headlock.BackgroundThrottle;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Throttles of an application whose start finishes background migrations, which is before
 * most of its beans are there.
 */
class FinishingThrottleTests {

	private final TestDatabase database = TestDatabase.create();

	/** The thread that works must not ask for a bean while another one creates beans. */
	@Test
	@Timeout(value = 5, unit = TimeUnit.MINUTES)
	void thoseAreAskedThatCanBeCreatedBefore(@TempDir Path folder) throws Exception {
		Releases releases = new Releases(this.database, folder).second();
		releases.idle().startAndStop();
		releases.insert(1, 10);
		Throttles.REASON.set("not now");
		Replica finishing = releases.replica().with("headlock.background.finish", true).with(Throttles.class);
		try (HeadlockLog log = HeadlockLog.open()) {
			CompletableFuture<Void> start = CompletableFuture.runAsync(finishing::startAndStop);
			await().until(() -> "not now (throttle \"early\")"
				.equals(this.database.value("SELECT held_because FROM flyway_schema_history_background")));
			assertThat(releases.count("times = 1")).isZero();
			Throttles.REASON.set(null);
			await().until(() -> releases.count("times = 1") == 10);
			// no pause of a minute between passes
			this.database.execute("UPDATE flyway_schema_history_background SET full_speed = true");
			start.get(3, TimeUnit.MINUTES);
			assertThat(log.messages()).anyMatch((line) -> line
				.startsWith("The throttle \"late\" is not asked while this start finishes background migrations"));
			assertThat(log.messages()).anyMatch((line) -> line.startsWith("The throttle \"ofRequests\" is not asked")
					&& line.endsWith("No Scope registered for scope name 'request'"));
		}
	}

	@Test
	void aStartThatEndsUnfinishedSaysWhatHasHeldIt(@TempDir Path folder) throws Exception {
		Releases releases = new Releases(this.database, folder).second();
		releases.idle().startAndStop();
		releases.insert(1, 10);
		this.database.execute("UPDATE flyway_schema_history_background SET held_because = 'not now', "
				+ "hold_kind = 'application', held_since = now(), held_until = now() + interval '1 day'");
		Throwable failure = NestedExceptionUtils.getMostSpecificCause(catchThrowable(releases.replica()
			.with("headlock.background.finish", true)
			.with("headlock.background.finish-timeout", "1s")::startAndStop));
		assertThat(failure).isInstanceOf(BackgroundUnfinishedException.class)
			.hasMessageMatching("(?s).*\"backfill\": running, not begun; last changed .* ago by \".*\"; held: not now");
	}

	/** One that needs nothing, and one that needs what is created after the migration. */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class Throttles {

		static final AtomicReference<@Nullable String> REASON = new AtomicReference<>();

		@Bean
		BackgroundThrottle early() {
			return (migration) -> REASON.get();
		}

		@Bean
		@Scope("request")
		BackgroundThrottle ofRequests() {
			return (migration) -> null;
		}

		@Bean
		BackgroundThrottle late(JdbcTemplate jdbc) {
			return (migration) -> jdbc.queryForObject("SELECT NULL", String.class);
		}

	}

}
