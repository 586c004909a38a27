package io.github.headlock.autoconfigure;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Versions of Spring Boot and Flyway that are too old, each in a process that has them.
 */
class OldVersionTests {

	private static final String NEEDED = "Headlock needs Spring Boot 4.0 or later and Flyway 11.14 or later; found ";

	private final TestDatabase database = TestDatabase.create();

	@Test
	void anOldFlywayIsNamedAndNothingIsMigrated() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startWithOldFlyway(replica())) {
			assertThat(process.exitCode()).as(process::output).isOne();
			assertThat(process.output()).containsPattern(NEEDED + "Spring Boot 4\\.[0-9.]+ and Flyway 11\\.13\\.3")
				.contains("APPLICATION FAILED TO START",
						"Until then, headlock.enabled=false brings back Flyway's own behaviour");
		}
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
	}

	@Test
	void withoutHeadlockAnOldFlywayMigrates() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startWithOldFlyway(replica().plain())) {
			assertThat(process.exitCode()).as(process::output).isZero();
		}
		assertThat(this.database.history()).containsExactly("1", "2", "3");
	}

	@Test
	void anOldFlywayMigratesAnotherDatabase() throws Exception {
		Replica replica = replica().with("spring.datasource.url", "jdbc:h2:mem:old")
			.with("spring.datasource.username", "sa")
			.with("spring.flyway.locations", "classpath:db/h2");
		try (ReplicaProcess process = ReplicaProcess.startWithOldFlyway(replica)) {
			assertThat(process.exitCode()).as(process::output).isZero();
			assertThat(process.output()).contains("Headlock is not active: the database is not PostgreSQL");
		}
	}

	@Test
	void anOldSpringBootIsNamedBeforeItsBeansMeetThoseOfLaterModules() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startWithOldSpringBoot(replica())) {
			assertThat(process.exitCode()).as(process::output).isOne();
			assertThat(process.output())
				.contains("APPLICATION FAILED TO START", NEEDED + "Spring Boot 3.5.16 and Flyway 11.13.3",
						"Upgrade Spring Boot, or remove Headlock from the dependencies of the application.")
				.doesNotContain("allow-bean-definition-overriding");
		}
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
	}

	@Test
	void anOldSpringBootIsNamedAlsoWhereHeadlockIsTurnedOff() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startWithOldSpringBoot(replica().plain())) {
			assertThat(process.exitCode()).as(process::output).isOne();
			assertThat(process.output()).contains(NEEDED + "Spring Boot 3.5.16")
				.doesNotContain("allow-bean-definition-overriding");
		}
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic");
	}

}
