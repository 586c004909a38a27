package io.github.headlock.autoconfigure;

import java.nio.file.Path;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real processes of applications that use their database otherwise than through the
 * Flyway and the pool of Spring Boot.
 */
class ExitAfterMigrationFlywayTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	ExitAfterMigrationFlywayTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@Test
	void inAnApplicationWithJpaTheMigratorsCredentialsAreEnough() throws Exception {
		Replica replica = replica().with("spring.datasource.username", "nobody")
			.with("spring.datasource.hikari.connection-timeout", 1000)
			.with("spring.jpa.hibernate.ddl-auto", "validate")
			.with("spring.flyway.user", "postgres");
		try (ReplicaProcess process = ReplicaProcess.startWithJpa(JpaApplication.class, replica)) {
			assertThat(process.exitCode()).as(process.output()).isZero();
			assertThat(process.output()).contains("(migrated 1 migration, ", "Exiting, because")
				.doesNotContainIgnoringCase("hibernate", "Hikari");
		}
		replica.with("headlock.exit-after-migration", false);
		try (ReplicaProcess process = ReplicaProcess.startWithJpa(JpaApplication.class, replica)) {
			assertThat(process.exitCode()).isOne();
			assertThat(process.output()).contains("(at head already, ", "role \"nobody\" does not exist");
		}
	}

	@Test
	void anOwnFlywayThatMigratesWhenItIsCreatedIsEnough() throws Exception {
		assertExit(0, OwnFlyway.class, replica(), "Exiting, because");
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void anOwnFlywayWithWhichNothingMigratesIsRefused() throws Exception {
		assertExit(1, IdleFlyway.class, replica(), "APPLICATION FAILED TO START", "headlock.exit-after-migration",
				"\"idleFlyway\"", "1 pending migration");
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relname IN ('a', 'flyway_schema_history')"))
			.isEmpty();
	}

	@Test
	void anOwnStrategyDecidesWhatIsMigrated() throws Exception {
		assertExit(0, OwnStrategy.class, replica(),
				"The Flyway bean \"flyway\" has 1 pending migration after the application's own migration strategy",
				"Exiting, because");
		assertExit(0, OwnStrategy.class, replica().with("strategy.migrates", true), "Exiting, because");
	}

	@Test
	void anOwnFlywayWhoseMigrationHasFailedIsRefused() throws Exception {
		assertExit(0, OwnFlyway.class, replica(), "Exiting, because");
		this.database.execute("UPDATE flyway_schema_history SET success = false");
		assertExit(1, IdleFlyway.class, replica(), "APPLICATION FAILED TO START", "\"idleFlyway\"",
				"and one that failed");
	}

	@Test
	void withHeadlockTurnedOffItEndsAsWell() throws Exception {
		assertExit(1, ReplicaProcess.Main.class, replica().plain().with("headlock.skip-migrations", true),
				"APPLICATION FAILED TO START", "1 pending migration");
		assertExit(0, ReplicaProcess.Main.class, replica().plain(), "Exiting, because");
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void onAnotherDatabaseItEndsAsWell() throws Exception {
		assertExit(0, ReplicaProcess.Main.class,
				Replica.of("jdbc:h2:mem:job", "h2")
					.with("spring.datasource.username", "sa")
					.with("headlock.exit-after-migration", true),
				"Headlock is not active", "Exiting, because");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.exit-after-migration", true);
	}

	private static void assertExit(int exitCode, Class<?> main, Replica replica, String... output) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(main, replica)) {
			assertThat(process.exitCode()).as(process.output()).isEqualTo(exitCode);
			assertThat(process.output()).contains(output).doesNotContain("RAN");
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class JpaApplication {

		public static void main(String[] arguments) {
			SpringApplication.run(JpaApplication.class, arguments);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OwnFlyway {

		public static void main(String[] arguments) {
			SpringApplication.run(OwnFlyway.class, arguments);
		}

		@Bean(initMethod = "migrate")
		Flyway ownFlyway(Environment environment) {
			return flyway(environment);
		}

		@Bean
		ApplicationRunner runner() {
			return (arguments) -> SpeakingApplication.say("RAN runner");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class IdleFlyway {

		public static void main(String[] arguments) {
			SpringApplication.run(IdleFlyway.class, arguments);
		}

		@Bean
		Flyway idleFlyway(Environment environment) {
			return flyway(environment);
		}

		@Bean
		ApplicationRunner runner(Flyway flyway) {
			return (arguments) -> flyway.migrate();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OwnStrategy {

		public static void main(String[] arguments) {
			SpringApplication.run(OwnStrategy.class, arguments);
		}

		@Bean
		FlywayMigrationStrategy strategy(Environment environment) {
			return (flyway) -> {
				if (environment.getProperty("strategy.migrates", Boolean.class, false)) {
					flyway.migrate();
				}
			};
		}

	}

	private static Flyway flyway(Environment environment) {
		return Flyway.configure()
			.dataSource(environment.getRequiredProperty("spring.datasource.url"), "postgres", null)
			.locations(environment.getRequiredProperty("spring.flyway.locations"))
			.load();
	}

}
