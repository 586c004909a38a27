package io.github.headlock.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.startup.DeferredFlyway;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.actuate.endpoint.FlywayEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * When the Flyway of Spring Boot's bean is loaded, and what those see who use the bean.
 */
class DeferredFlywayTests {

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void bringToHead() {
		replica().startAndStop();
	}

	@Test
	void atHeadTheFlywayIsNotLoaded() throws Exception {
		try (ConfigurableApplicationContext context = replica().with(Meters.class)
			.with(WhatFollows.class)
			.with("management.endpoints.web.exposure.include", "headlock")
			.start()) {
			assertThat(Replica.report(context).outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			for (int i = 0; i < 3; i++) {
				assertThat(context.getBean(SchemaHealthIndicator.class).health(true).getStatus()).isEqualTo(Status.UP);
				assertThat(context.getBean(HeadlockEndpoint.class).describe()).isNotNull();
				assertThat(context.getBean(MeterRegistry.class).get("headlock.schema.at.head").gauge().value()).isOne();
			}
			assertThat(context.getBean(WhatFollows.class).calls).containsExactly("listener", "task", "runner");
			assertThat(isLoaded(context)).isFalse();
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, false", "true, true" })
	void whatOnlyALoadedFlywayNeedsIsNoClassOfAStartAtHead(boolean plain, boolean loads) throws Exception {
		Replica replica = replica().with("headlock.enabled", !plain);
		try (ReplicaProcess process = ReplicaProcess.start(ReplicaProcess.Main.class, replica,
				"-Xlog:class+load:stdout")) {
			assertThat(process.exitCode()).as(process::output).isZero();
			assertThat(process.output().contains("org.flywaydb.core.FlywayExecutor ")).isEqualTo(loads);
		}
	}

	@Test
	void hibernateDoesNotLoadIt() {
		try (ConfigurableApplicationContext context = replica().with(Jpa.class).start()) {
			assertThat(isLoaded(context)).isFalse();
		}
	}

	@Test
	void whoeverAsksAnythingOfTheBeanGetsTheFlyway() {
		try (ConfigurableApplicationContext context = replica().with(Injected.class).start()) {
			Flyway flyway = context.getBean(Injected.class).flyways.getObject();
			assertThat(flyway).isSameAs(context.getBean(Flyway.class));
			assertThat(isLoaded(context)).isFalse();
			assertThat(flyway.info().applied()).hasSize(3);
			assertThat(isLoaded(context)).isTrue();
			assertThat(flyway.getConfiguration()).isExactlyInstanceOf(ClassicConfiguration.class)
				.isSameAs(flyway.getConfiguration());
			assertThat(flyway.validateWithResult().validationSuccessful).isTrue();
			assertThat(flyway.migrate().migrationsExecuted).isZero();
		}
	}

	@Test
	void flywaysOwnExceptionsReachTheOneWhoAsks() {
		try (ConfigurableApplicationContext context = replica().start()) {
			this.database.execute("UPDATE flyway_schema_history SET checksum = 1 WHERE version = '2'");
			assertThatExceptionOfType(FlywayValidateException.class)
				.isThrownBy(() -> context.getBean(Flyway.class).validate());
		}
	}

	@Test
	void theEndpointOfSpringBootDescribesIt() {
		try (ConfigurableApplicationContext context = replica().with(Endpoint.class).start()) {
			assertThat(isLoaded(context)).isFalse();
			assertThat(context.getBean(FlywayEndpoint.class).flywayBeans().getContexts()).hasSize(1)
				.allSatisfy((id, beans) -> assertThat(beans.getFlywayBeans().get("flyway").getMigrations()).hasSize(3));
		}
	}

	@Test
	void whoMigratesDerivesItFromTheSameConfiguration() {
		this.database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(Replica.report(context).migrations()).isEqualTo(3);
			assertThat(isLoaded(context)).isFalse();
			assertThat(context.getBean(Flyway.class).info().applied()).hasSize(3);
		}
	}

	@Test
	void aPostProcessorSeesTheBeanOnce() {
		for (Replica replica : List.of(replica().plain(), replica())) {
			Seen.CALLS.clear();
			try (ConfigurableApplicationContext context = replica.with(Seen.class).start()) {
				context.getBean(Flyway.class).info();
				assertThat(Seen.CALLS).containsExactly("before", "after");
			}
		}
	}

	@Test
	void whatAPostProcessorHasChangedCounts() {
		try (ConfigurableApplicationContext context = replica().with(OtherSchema.class).start()) {
			assertThat(Replica.report(context).migrations()).isEqualTo(3);
			assertThat(this.database.list("SELECT version FROM other.flyway_schema_history WHERE version IS NOT NULL"))
				.containsExactly("1", "2", "3");
		}
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic");
	}

	private static boolean isLoaded(ConfigurableApplicationContext context) {
		Flyway bean = context.getBean(Flyway.class);
		assertThat(bean).isExactlyInstanceOf(DeferredFlyway.class);
		return ReflectionTestUtils.getField(bean, "loaded") != null;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class WhatFollows {

		private final List<String> calls = new ArrayList<>();

		@Bean
		MigrationListener listener() {
			return new MigrationListener() {

				@Override
				public void succeeded(MigrationReport report) {
					WhatFollows.this.calls.add("listener");
				}

			};
		}

		@Bean
		SchemaReadyTask task() {
			return (status) -> this.calls.add("task");
		}

		@Bean
		ApplicationRunner runner() {
			return (arguments) -> this.calls.add("runner");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HibernateJpaAutoConfiguration.class)
	static class Jpa {

	}

	@Configuration(proxyBeanMethods = false)
	static class Injected {

		private final ObjectProvider<Flyway> flyways;

		Injected(ObjectProvider<Flyway> flyways, Flyway flyway) {
			this.flyways = flyways;
			assertThat(flyway).isNotNull();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Endpoint {

		@Bean
		FlywayEndpoint endpoint(ConfigurableApplicationContext context) {
			return new FlywayEndpoint(context);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Seen {

		private static final List<String> CALLS = new ArrayList<>();

		@Bean
		static BeanPostProcessor looker() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessBeforeInitialization(Object bean, String name) {
					return saw(bean, "before");
				}

				@Override
				public Object postProcessAfterInitialization(Object bean, String name) {
					return saw(bean, "after");
				}

				private static Object saw(Object bean, String when) {
					if (bean instanceof Flyway) {
						CALLS.add(when);
					}
					return bean;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherSchema {

		@Bean
		static BeanPostProcessor changer() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String name) {
					if (bean instanceof Flyway flyway) {
						((ClassicConfiguration) flyway.getConfiguration()).setSchemas(new String[] { "other" });
					}
					return bean;
				}

			};
		}

	}

}
