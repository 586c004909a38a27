package io.github.headlock.actuate;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationReport;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * The meters of a real start.
 */
@ExtendWith(OutputCaptureExtension.class)
class HeadlockMetersTests {

	private final TestDatabase database = TestDatabase.create();

	@Tag("every-version")
	@Test
	void terminatedSessionsAreCounted() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection first = roles.connect();
				Connection second = roles.connect();
				ConfigurableApplicationContext context = roles.blockingReplica(this.database.url(), "basic")
					.with(Meters.class)
					.start()) {
			assertThat(context.getBean(MeterRegistry.class).get("headlock.sessions.terminated").functionCounter())
				.satisfies((counter) -> assertThat(counter.count()).isEqualTo(2));
		}
	}

	@Test
	void terminatedSessionsOfSeveralSchemasAreAddedUp() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection first = roles.connect();
				ConfigurableApplicationContext context = roles.blockingReplica(this.database.url(), "basic")
					.with(Meters.class)
					.start();
				Connection second = roles.connect()) {
			context.getBean(HeadlockMigrationStrategy.class)
				.migrate(Flyway.configure()
					.configuration(context.getBean(Flyway.class).getConfiguration())
					.table("second_history")
					.baselineOnMigrate(true)
					.baselineVersion("0")
					.locations("classpath:db/modulith/orders")
					.load());
			assertThat(first.isValid(1) || second.isValid(1)).isFalse();
			assertThat(context.getBean(MeterRegistry.class).get("headlock.sessions.terminated").functionCounter())
				.satisfies((counter) -> assertThat(counter.count()).isEqualTo(2));
		}
	}

	@Test
	void aScrapeThatIsInterruptedIsNotRememberedForTheNext() {
		try (ConfigurableApplicationContext context = replica().start()) {
			Gauge atHead = context.getBean(MeterRegistry.class).get("headlock.schema.at.head").gauge();
			Thread.currentThread().interrupt();
			assertThat(atHead.value()).isZero();
			assertThat(Thread.interrupted()).isTrue();
			assertThat(atHead.value()).isEqualTo(1);
		}
	}

	@Tag("every-version")
	@Test
	void aStartThatMigratesIsTimedAndWatched() {
		try (ConfigurableApplicationContext context = replica().start()) {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get("headlock.migration").tag("outcome", "migrated").timer().count()).isOne();
			assertThat(registry.get("headlock.lock.wait").timer().count()).isOne();
			assertThat(registry.get("headlock.lock.held").timer().totalTime(TimeUnit.MILLISECONDS)).isPositive();
			assertThat(pending(registry)).isZero();
			assertThat(registry.get("headlock.schema.at.head").gauge().value()).isEqualTo(1);
		}
		try (ConfigurableApplicationContext context = replica().start()) {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get("headlock.migration").tag("outcome", "fast-path").timer().count()).isOne();
			assertThat(registry.find("headlock.lock.wait").timer()).isNull();
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(pending(registry)).isEqualTo(1);
			assertThat(registry.get("headlock.schema.at.head").gauge().value()).isZero();
		}
	}

	@Tag("every-version")
	@Test
	void aStartThatFailsIsCounted() {
		Replica replica = replica().with("headlock.minimum-schema-version", "99");
		assertThatThrownBy(replica::start).isNotNull();
		assertThat(Meters.ofLastStart().get("headlock.migration").tag("outcome", "failed").timer().count()).isOne();
	}

	@Test
	void aStartIsCountedAlthoughAListenerFailsBefore(CapturedOutput output) {
		try (ConfigurableApplicationContext context = replica().with(FailingListener.class).start()) {
			assertThat(output).containsOnlyOnce("The listener \"failing\" failed, which changes nothing");
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get("headlock.migration").tag("outcome", "migrated").timer().count()).isOne();
			assertThat(registry.get("headlock.lock.held").timer().count()).isOne();
			assertThat(this.database.history()).containsExactly("1", "2", "3");
		}
	}

	@Test
	void aStartThatFailsIsCountedAlthoughAListenerFailsBefore(CapturedOutput output) {
		Replica replica = replica().with(FailingListener.class).with("headlock.minimum-schema-version", "99");
		assertThatThrownBy(replica::start).rootCause().hasMessageContaining("headlock.minimum-schema-version");
		assertThat(output).containsOnlyOnce("The listener \"failing\" failed, which changes nothing");
		assertThat(Meters.ofLastStart().get("headlock.migration").tag("outcome", "failed").timer().count()).isOne();
	}

	/** Not a number until the database has answered, which may be late. */
	private static double pending(MeterRegistry registry) {
		return await().until(() -> registry.get("headlock.schema.pending").gauge().value(),
				(value) -> !Double.isNaN(value));
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic").with(Meters.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class FailingListener {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		MigrationListener failing() {
			return new MigrationListener() {

				@Override
				public void succeeded(MigrationReport report) {
					throw new IllegalStateException("on purpose");
				}

				@Override
				public void failed(RuntimeException failure, Duration took) {
					throw new IllegalStateException("on purpose");
				}

			};
		}

	}

}
