package io.github.headlock.actuate;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicReference;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.autoconfigure.HeadlockMetricsAutoConfiguration;
import io.github.headlock.autoconfigure.HeadlockObservationAutoConfiguration;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The observation of a real start.
 */
@ExtendWith(OutputCaptureExtension.class)
class MigrationObservationTests {

	private static final String NAME = "headlock.start";

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	private final Replica replica;

	MigrationObservationTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		this.replica = Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	@Test
	void aStartTellsItsOutcomeAndWhatItFound() {
		this.replica.with(Observed.class).startAndStop();
		TestObservationRegistryAssert.assertThat(Observed.LAST.get())
			.hasSingleObservationThat()
			.hasNameEqualTo(NAME)
			.hasContextualNameEqualTo("headlock start")
			.hasBeenStarted()
			.hasBeenStopped()
			.doesNotHaveError()
			.hasLowCardinalityKeyValue("outcome", "migrated")
			.hasHighCardinalityKeyValue("schema", "public")
			.hasHighCardinalityKeyValue("version", "2")
			.hasHighCardinalityKeyValue("migrations", "2")
			.hasHighCardinalityKeyValue("waited", "PT0S");
		this.replica.startAndStop();
		TestObservationRegistryAssert.assertThat(Observed.LAST.get())
			.hasSingleObservationThat()
			.hasBeenStopped()
			.hasLowCardinalityKeyValue("outcome", "fast-path")
			.hasHighCardinalityKeyValue("migrations", "0");
	}

	@Test
	void aStartThatFailedShowsNothingOfItsStatements() {
		this.migrations.file("V3__c.sql", "SELECT 'very secret'::int");
		assertThatThrownBy(this.replica.with(Observed.class)::start).hasCauseInstanceOf(FlywayException.class)
			.hasStackTraceContaining("very secret");
		TestObservationRegistryAssert.assertThat(Observed.LAST.get())
			.hasSingleObservationThat()
			.hasBeenStopped()
			.hasLowCardinalityKeyValue("outcome", "failed")
			.thenError()
			.satisfies((error) -> assertThat(error).hasMessageContaining("FlywayMigrateException")
				.hasNoCause()
				.extracting(Throwable::getStackTrace)
				.asInstanceOf(InstanceOfAssertFactories.ARRAY)
				.isEmpty());
	}

	@Test
	void aStartThatHeadlockEndedTellsWhy() throws Exception {
		HistoryTable table = new HistoryTable("public", "flyway_schema_history");
		try (Connection holder = this.database.hold(String.valueOf(table.lockKey()))) {
			this.replica.with(Observed.class).with("headlock.lock.timeout", "0s");
			assertThatThrownBy(this.replica::start).isNotNull();
		}
		TestObservationRegistryAssert.assertThat(Observed.LAST.get())
			.hasSingleObservationThat()
			.hasLowCardinalityKeyValue("outcome", "failed")
			.thenError()
			.satisfies(
					(error) -> assertThat(error).hasMessageStartingWith("LockTimeoutException: No migration lock of "));
	}

	@Test
	void theTimerOfTheRegistryStandsBesideTheTimersOfHeadlock() {
		try (ConfigurableApplicationContext context = this.replica.with(Metered.class).start()) {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get(NAME).tag("outcome", "migrated").tag("error", "none").timer().count()).isOne();
			assertThat(registry.get("headlock.migration").timers()).singleElement()
				.satisfies((timer) -> assertThat(timer.getId().getTags()).hasSize(1));
		}
	}

	@Test
	void itCanBeTurnedOff() {
		this.replica.with(Metered.class).with("management.observations.enable.headlock.start", false);
		try (ConfigurableApplicationContext context = this.replica.start()) {
			assertThat(context.getBean(MeterRegistry.class).find(NAME).timer()).isNull();
		}
	}

	@Test
	void aHandlerThatNeedsTheSchemaDoesNotKeepItFromBeingMigrated(CapturedOutput output) {
		try (ConfigurableApplicationContext context = this.replica.with(NeedsTheSchema.class).start()) {
			assertThat(Replica.report(context).outcome()).isEqualTo(MigrationOutcome.MIGRATED);
			assertThat(context.getBean(ObservationRegistry.class)).isNotNull();
			assertThat(output).contains("The start is not observed, because the registry cannot be created before");
		}
	}

	@Test
	void aHandlerThatFailsDoesNotEndTheStart(CapturedOutput output) {
		try (ConfigurableApplicationContext context = this.replica.with(FailingHandler.class).start()) {
			assertThat(Replica.report(context).outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		}
		assertThat(output).contains("An observation handler failed; startup continues without observation",
				"the handler fails at the start", "the handler fails at the end");
	}

	@Test
	void anotherDatabaseIsObservedWithoutAnOutcome() {
		new ApplicationContextRunner().withUserConfiguration(Replica.Application.class, Observed.class)
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:observed", "spring.flyway.locations=classpath:db/h2")
			.run((context) -> TestObservationRegistryAssert.assertThat(context.getBean(TestObservationRegistry.class))
				.hasSingleObservationThat()
				.hasBeenStopped()
				.hasLowCardinalityKeyValue("outcome", KeyValue.NONE_VALUE));
	}

	@Test
	void withoutMicrometerNothingIsObserved() {
		new ApplicationContextRunner().withUserConfiguration(Replica.Application.class, WithoutARegistry.class)
			.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.withPropertyValues("spring.datasource.url=" + this.database.url(), "spring.datasource.username=postgres",
					"spring.flyway.locations=" + this.migrations.location())
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(HeadlockMigrationStrategy.class)
					.doesNotHaveBean("headlockStartObservation");
				assertThat(this.database.history()).containsExactly("1", "2");
			});
	}

	@Test
	void withoutARegistryNothingIsObserved() {
		assertThat(this.replica.with(WithoutARegistry.class).startAndStop().outcome())
			.isEqualTo(MigrationOutcome.MIGRATED);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockObservationAutoConfiguration.class)
	static class WithoutARegistry {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockObservationAutoConfiguration.class)
	static class Observed {

		static final AtomicReference<TestObservationRegistry> LAST = new AtomicReference<>();

		@Bean
		TestObservationRegistry registry() {
			TestObservationRegistry registry = TestObservationRegistry.create();
			LAST.set(registry);
			return registry;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ MetricsAutoConfiguration.class, ObservationAutoConfiguration.class,
			HeadlockMetricsAutoConfiguration.class, HeadlockObservationAutoConfiguration.class })
	static class Metered {

		@Bean
		SimpleMeterRegistry registry() {
			return new SimpleMeterRegistry();
		}

		@Bean
		DefaultMeterObservationHandler handler(MeterRegistry registry) {
			return new DefaultMeterObservationHandler(registry);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ JdbcTemplateAutoConfiguration.class, ObservationAutoConfiguration.class,
			HeadlockObservationAutoConfiguration.class })
	static class NeedsTheSchema {

		@Bean
		ObservationHandler<Observation.Context> handler(JdbcTemplate jdbc) {
			return (context) -> {
				jdbc.queryForObject("SELECT 1", Integer.class);
				return true;
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockObservationAutoConfiguration.class)
	static class FailingHandler implements ObservationHandler<Observation.Context> {

		@Bean
		ObservationRegistry observationRegistry() {
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig().observationHandler(this);
			return registry;
		}

		@Override
		public void onStart(Observation.Context context) {
			throw new IllegalStateException("the handler fails at the start");
		}

		@Override
		public void onStop(Observation.Context context) {
			throw new IllegalStateException("the handler fails at the end");
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
