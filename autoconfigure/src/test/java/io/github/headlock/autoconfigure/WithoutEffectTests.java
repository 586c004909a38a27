package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

/**
 * Settings that Headlock cannot honour: what would migrate in spite of them is refused,
 * of the others the log warns.
 */
@ExtendWith(OutputCaptureExtension.class)
class WithoutEffectTests {

	private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

	private final ApplicationContextRunner h2 = new ApplicationContextRunner()
		.withUserConfiguration(Replica.Application.class)
		.withPropertyValues("spring.datasource.url=" + this.url, "spring.flyway.locations=classpath:db/h2");

	private final ApplicationContextRunner skipping = this.h2.withPropertyValues("headlock.skip-migrations=true");

	@Test
	void skippingIsRefusedOnAnotherDatabase() {
		assertRefused(this.skipping,
				"The database is not PostgreSQL, so Flyway would migrate on its own nevertheless.");
	}

	@Test
	void skippingIsRefusedWithAStrategyOfTheApplication() {
		assertRefused(this.skipping.withUserConfiguration(OwnStrategy.class),
				"The application's own migration strategy, the bean \"strategy\", would migrate nevertheless. "
						+ "Remove the bean or the property.");
	}

	@Test
	void skippingIsRefusedWithAFlywayThatMigratesWhenItIsInitialised() {
		assertRefused(this.skipping.withUserConfiguration(MigratingFlyway.class),
				"The application's own Flyway, the bean \"own\", would migrate nevertheless. Let Spring Boot make the "
						+ "Flyway, or remove the property.");
	}

	@Test
	void skippingIsRefusedWithAFlywayThatMigratesWhenItIsCreated() {
		assertRefused(this.skipping.withUserConfiguration(FlywayMigratedAtOnce.class),
				"The application's own Flyway, the bean \"own\", would migrate nevertheless. Let Spring Boot make the "
						+ "Flyway, or remove the property.");
	}

	@Test
	void skippingIsRefusedWithAnInitializerThatPassesItBy() {
		assertRefused(this.skipping.withUserConfiguration(OwnInitializer.class),
				"The application's own FlywayMigrationInitializer, the bean \"initializer\", would migrate "
						+ "nevertheless. Give it the FlywayMigrationStrategy bean.");
	}

	@Test
	void skippingIsHonouredWithAFlywayOfTheApplicationWhoseInitializerHasTheStrategy() {
		TestDatabase database = TestDatabase.create();
		this.skipping.withUserConfiguration(OwnFlywayWithTheStrategy.class)
			.withPropertyValues("spring.datasource.url=" + database.url(), "spring.datasource.username=postgres")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(HeadlockMigrationStrategy.class).managed()).isPresent();
				assertThat(database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
			});
	}

	@Test
	void skippingIsRefusedWithoutFlywaysPostgresqlModule() {
		assertRefused(this.skipping.withClassLoader(new FilteredClassLoader(PostgreSQLConfigurationExtension.class)),
				"Flyway would migrate nevertheless, because its module flyway-database-postgresql is missing and "
						+ "Headlock takes no part.");
	}

	@Test
	void whereHeadlockIsTurnedOffAProcessThatSkipsMigratesNothing(CapturedOutput output) {
		this.skipping.withPropertyValues("headlock.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(applied()).isZero();
			assertThat(warnings(output)).singleElement(STRING)
				.contains(
						"No migration is applied in this process, because headlock.skip-migrations=true is set, and nothing "
								+ "waits for the schema or watches it, because headlock.enabled=false is set");
		});
	}

	@Test
	void withoutFlywayTheLogSaysThatNothingIsWatched(CapturedOutput output) {
		this.skipping
			.withPropertyValues("spring.flyway.enabled=false", "headlock.minimum-schema-version=3",
					"headlock.sessions.roles=app")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(applied()).isZero();
				assertThat(warnings(output)).singleElement(STRING)
					.contains("Without effect: [headlock.skip-migrations, headlock.minimum-schema-version, "
							+ "headlock.sessions.roles]. The application has no Flyway (see spring.flyway.enabled), so "
							+ "nothing migrates here, and nothing waits for the schema or watches it");
			});
	}

	@Test
	void withAStrategyOfTheApplicationTheLogNamesTheBeanAndTheProperties(CapturedOutput output) {
		protectedUpgrade().withUserConfiguration(OwnStrategy.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(warnings(output)).singleElement(STRING)
				.contains("Without effect: [headlock.required-stops, headlock.minimum-schema-version, "
						+ "headlock.sessions.roles, headlock.terminate-db-sessions, headlock.ddl.lock-timeout], because "
						+ "the bean \"strategy\" migrates instead of Headlock");
		});
	}

	@Test
	void onAnotherDatabaseTheLogNamesTheProperties(CapturedOutput output) {
		protectedUpgrade().run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(warnings(output)).singleElement(STRING)
				.contains("Without effect: [headlock.required-stops, ")
				.contains("], because the database is not PostgreSQL");
		});
	}

	@Test
	void whereHeadlockIsTurnedOffTheLogNamesTheProperties(CapturedOutput output) {
		protectedUpgrade().withPropertyValues("headlock.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(applied()).isOne();
			assertThat(warnings(output)).singleElement(STRING)
				.contains("Without effect: [headlock.required-stops, ")
				.contains("], because headlock.enabled=false is set");
		});
	}

	@Test
	void withoutSuchPropertiesThereIsNoWarning(CapturedOutput output) {
		this.h2.withUserConfiguration(OwnStrategy.class).run((context) -> assertThat(warnings(output)).isEmpty());
		this.h2.withPropertyValues("spring.flyway.enabled=false")
			.run((context) -> assertThat(warnings(output)).isEmpty());
	}

	private ApplicationContextRunner protectedUpgrade() {
		return this.h2.withPropertyValues("headlock.required-stops[0].schema-version=2",
				"headlock.required-stops[0].release=2.0", "headlock.minimum-schema-version=1",
				"headlock.sessions.roles=app", "headlock.terminate-db-sessions=true", "headlock.ddl.lock-timeout=1s");
	}

	private void assertRefused(ApplicationContextRunner runner, String reason) {
		runner.run((context) -> {
			assertThat(context).hasFailed()
				.getFailure()
				.satisfies((failure) -> assertThat(root(failure))
					.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (refusal) -> {
						assertThat(refusal.getName()).isEqualTo("headlock.skip-migrations");
						assertThat(refusal.getReason()).isEqualTo(reason);
					}));
			assertThat(applied()).isZero();
		});
	}

	/** All but Flyway's own, of a version of H2 that it does not know. */
	private static List<String> warnings(CapturedOutput output) {
		return output.getOut().lines().filter((line) -> line.contains("WARN") && !line.contains("Using H2")).toList();
	}

	private static Throwable root(Throwable failure) {
		return (failure.getCause() == null) ? failure : root(failure.getCause());
	}

	private int applied() {
		return flyway(this.url).info().applied().length;
	}

	private static Flyway flyway(String url) {
		return Flyway.configure().dataSource(url, "sa", "").locations("classpath:db/h2").load();
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStrategy {

		@Bean
		FlywayMigrationStrategy strategy() {
			return (flyway) -> flyway.migrate();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MigratingFlyway {

		@Bean(initMethod = "migrate")
		Flyway own(DataSource source) {
			return Flyway.configure().dataSource(source).locations("classpath:db/h2").load();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FlywayMigratedAtOnce {

		@Bean
		Flyway own(DataSource source) {
			Flyway flyway = Flyway.configure().dataSource(source).locations("classpath:db/h2").load();
			flyway.migrate();
			return flyway;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFlywayWithTheStrategy {

		@Bean
		Flyway own(DataSource source) {
			return Flyway.configure().dataSource(source).locations("classpath:db/basic").load();
		}

		@Bean
		FlywayMigrationInitializer initializer(Flyway flyway, FlywayMigrationStrategy strategy) {
			return new FlywayMigrationInitializer(flyway, strategy);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnInitializer {

		@Bean
		FlywayMigrationInitializer initializer(Flyway flyway) {
			return new FlywayMigrationInitializer(flyway);
		}

	}

}
