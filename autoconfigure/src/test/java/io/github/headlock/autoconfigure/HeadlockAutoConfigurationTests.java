package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.HeadlockMeters;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When Headlock takes part, and when it stays away.
 */
@ExtendWith(OutputCaptureExtension.class)
class HeadlockAutoConfigurationTests {

	private final ApplicationContextRunner h2 = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class,
				HeadlockAutoConfiguration.class, HeadlockHealthAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=jdbc:h2:mem:test;DB_CLOSE_DELAY=-1",
				"spring.flyway.locations=classpath:db/h2");

	@Tag("every-version")
	@Test
	void anApplicationNeedsNoConfigurationOfItsOwn() {
		TestDatabase database = TestDatabase.create();
		new ApplicationContextRunner().withUserConfiguration(WholeApplication.class)
			.withPropertyValues("spring.datasource.url=" + database.url(), "spring.datasource.username=postgres",
					"spring.flyway.locations=classpath:db/basic")
			.run((context) -> {
				assertThat(context).hasSingleBean(FlywayMigrationStrategy.class)
					.hasSingleBean(HeadlockMigrationStrategy.class)
					.hasSingleBean(SchemaHealthIndicator.class);
				assertThat(database.history()).containsExactly("1", "2", "3");
			});
	}

	@Tag("every-version")
	@Test
	void anotherDatabaseIsMigratedByFlywayAlone(CapturedOutput output) {
		this.h2.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(Flyway.class).info().applied()).hasSize(1);
			assertThat(context.getBean(HeadlockMigrationStrategy.class).managed()).isEmpty();
			assertThat(context.getBean(SchemaHealthIndicator.class).health(true).getStatus()).isEqualTo(Status.UNKNOWN);
			assertThat(output).containsOnlyOnce(
					"Headlock is not active: the database is not PostgreSQL, so Flyway migrates on its own");
			assertThat(output).doesNotContain("Database ready");
		});
	}

	@Test
	void anEmbeddedDatabaseWithoutAUrlOfItsOwnIsMigratedByFlywayAlone(CapturedOutput output) {
		new ApplicationContextRunner().withUserConfiguration(Replica.Application.class)
			.withPropertyValues("spring.datasource.embedded-database-connection=h2",
					"spring.flyway.locations=classpath:db/h2")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Flyway.class).info().applied()).hasSize(1);
				assertThat(output).contains("Headlock is not active: the database is not PostgreSQL");
			});
	}

	@Test
	void aDatabaseThatOnlySpeaksPostgresqlsProtocolIsMigratedByFlywayAlone(CapturedOutput output) {
		TestDatabase database = TestDatabase.create();
		// version() is the one thing in which CockroachDB shows itself to Flyway, too.
		database.execute("ALTER FUNCTION pg_catalog.version() RENAME TO version_of_postgresql",
				"CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql AS "
						+ "$$ SELECT 'CockroachDB CCL v25.2.0'::text $$");
		new ApplicationContextRunner().withUserConfiguration(Replica.Application.class)
			.withPropertyValues("spring.datasource.url=" + database.url(), "spring.datasource.username=postgres",
					"spring.flyway.locations=classpath:db/none")
			.run((context) -> assertThat(output).contains("Headlock is not active: the database is not PostgreSQL"));
	}

	@Test
	void anInitializerThatPassesItByIsWarnedOf(CapturedOutput output) {
		this.h2.withUserConfiguration(OwnInitializer.class).run((context) -> {
			assertThat(context).hasSingleBean(HeadlockMigrationStrategy.class);
			assertThat(output).contains("Headlock was not asked to migrate");
		});
	}

	@Test
	void itCanBeTurnedOff(CapturedOutput output) {
		this.h2.withPropertyValues("headlock.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(HeadlockMigrationStrategy.class).isTurnedOn()).isFalse();
			assertThat(context.getBean(Flyway.class).info().applied()).hasSize(1);
			assertThat(output).containsOnlyOnce("Headlock is not active: ")
				.contains("Headlock is not active: headlock.enabled=false");
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void itIsTurnedOnAndOffAfterConditionsWereDecided(boolean enabled, CapturedOutput output) {
		TestDatabase database = TestDatabase.create();
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		new ApplicationContextRunner().withUserConfiguration(WholeApplication.class)
			.withBean(MeterRegistry.class, () -> registry)
			.withPropertyValues("spring.datasource.url=" + database.url(), "spring.datasource.username=postgres",
					"spring.flyway.locations=classpath:db/basic", "headlock.enabled=" + !enabled)
			.withInitializer((context) -> context.addBeanFactoryPostProcessor(
					(beans) -> TestPropertyValues.of("headlock.enabled=" + enabled).applyTo(context)))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(database.history()).containsExactly("1", "2", "3");
				assertThat(context.getBean(HeadlockMigrationStrategy.class).managed().isPresent()).isEqualTo(enabled);
				assertThat(output.getOut().contains("Database ready: ")).isEqualTo(enabled);
				assertThat(output.getOut().contains("Headlock is not active: headlock.enabled=false"))
					.isEqualTo(!enabled);
				context.getBean(HeadlockMeters.class).bindTo(registry);
				assertThat(registry.find("headlock.schema.at.head").gauge() != null).isEqualTo(enabled);
			});
	}

	@Test
	void withoutFlywayItDefinesNoBeans() {
		this.h2.withPropertyValues("spring.flyway.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HeadlockAutoConfiguration.class));
		this.h2.withClassLoader(new FilteredClassLoader(Flyway.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HeadlockAutoConfiguration.class));
	}

	@Test
	void itStaysAwayWithoutFlywaysPostgresqlModule() {
		this.h2.withClassLoader(new FilteredClassLoader(PostgreSQLConfigurationExtension.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HeadlockAutoConfiguration.class));
	}

	@Tag("every-version")
	@Test
	void itWorksWithoutActuator() {
		this.h2.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(HeadlockMigrationStrategy.class)
				.doesNotHaveBean(HeadlockHealthAutoConfiguration.class));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WholeApplication {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnInitializer {

		@Bean
		FlywayMigrationInitializer initializer(Flyway flyway) {
			return new FlywayMigrationInitializer(flyway);
		}

	}

}
