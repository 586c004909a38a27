package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mockito.Answers;
import org.mockito.Mockito;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of an application in which the Flyway or the strategy is replaced, which Spring
 * Boot alone has no trouble with.
 */
class TestDoubleTests {

	@Nested
	class AMockedFlyway extends ApplicationTest {

		@MockitoBean
		private Flyway flyway;

		@Test
		void isAskedToMigrate() throws Exception {
			Mockito.verify(this.flyway).migrate();
			assertManagesNothing();
		}

	}

	@Nested
	@TestPropertySource(properties = "headlock.enabled=false")
	class AMockedFlywayWithoutHeadlock extends AMockedFlyway {

	}

	@Nested
	class AMockedFlywayWhoseAnswersAreMocks extends ApplicationTest {

		@MockitoBean(answers = Answers.RETURNS_DEEP_STUBS)
		private Flyway flyway;

		@Test
		void isAskedToMigrate() throws Exception {
			Mockito.verify(this.flyway).migrate();
			assertManagesNothing();
		}

	}

	@Nested
	@TestPropertySource(properties = "headlock.skip-migrations=true")
	class AMockedFlywayOfAProcessThatSkipsMigrations extends ApplicationTest {

		@MockitoBean
		private Flyway flyway;

		@Test
		void isNotAskedToMigrate() throws Exception {
			Mockito.verify(this.flyway, Mockito.never()).migrate();
			assertManagesNothing();
		}

	}

	@Nested
	class AMockedStrategy extends ApplicationTest {

		@MockitoBean
		private FlywayMigrationStrategy strategy;

		@Test
		void isAskedToMigrate(@Autowired Flyway flyway) throws Exception {
			Mockito.verify(this.strategy).migrate(flyway);
			assertManagesNothing();
		}

	}

	@Nested
	class AReplacedStrategy extends ApplicationTest {

		@TestBean
		@SuppressWarnings("UnusedVariable") // takes the place of the bean
		private FlywayMigrationStrategy strategy;

		static FlywayMigrationStrategy strategy() {
			return Flyway::info;
		}

		@Test
		void leavesTheDatabaseAsItIs(@Autowired Flyway flyway) throws Exception {
			assertThat(flyway.info().applied()).isEmpty();
			assertManagesNothing();
		}

	}

	@Nested
	class ASpiedStrategy extends ApplicationTest {

		@MockitoSpyBean
		private FlywayMigrationStrategy strategy;

		@Test
		void migrates(@Autowired Flyway flyway, @Autowired HealthIndicator schemaHealthIndicator) {
			Mockito.verify(this.strategy).migrate(flyway);
			assertThat(flyway.info().applied()).hasSize(3);
			assertThat(schemaHealthIndicator.health(true)).extracting(Health::getStatus).isEqualTo(Status.UP);
		}

	}

	@Nested
	class ASpiedFlyway extends ApplicationTest {

		@MockitoSpyBean
		private Flyway flyway;

		@Test
		void isMigrated(@Autowired HealthIndicator schemaHealthIndicator) {
			assertThat(this.flyway.info().applied()).hasSize(3);
			assertThat(schemaHealthIndicator.health(true)).extracting(Health::getStatus).isEqualTo(Status.UP);
		}

	}

	@SpringBootTest(classes = Application.class, webEnvironment = SpringBootTest.WebEnvironment.NONE,
			properties = "management.endpoints.web.exposure.include=headlock")
	@DirtiesContext
	abstract static class ApplicationTest {

		@Autowired
		private HealthIndicator schemaHealthIndicator;

		@Autowired
		private HeadlockEndpoint endpoint;

		@Autowired
		private MeterRegistry registry;

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			TestDatabase database = TestDatabase.create();
			registry.add("spring.datasource.url", database::url);
			registry.add("spring.datasource.username", () -> "postgres");
			registry.add("spring.flyway.locations", () -> "classpath:db/basic");
		}

		void assertManagesNothing() throws Exception {
			Health health = this.schemaHealthIndicator.health(true);
			assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
			assertThat(health.getDetails()).containsEntry("reason", "Headlock manages no schema in this process");
			assertThat(this.endpoint.describe()).isNull();
			assertThat(this.registry.getMeters())
				.noneMatch((meter) -> meter.getId().getName().equals("headlock.migration"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		MeterRegistry registry() {
			return new SimpleMeterRegistry();
		}

	}

}
