package io.github.headlock.actuate;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Training runs for the archives of a JVM, which end when the context is refreshed, with
 * a health group that names the schema.
 */
class TrainingRunTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	TrainingRunTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void itEndsWellAndMigratesAsFlywayAlone(boolean headlock) throws Exception {
		assertTrained(Map.of("headlock.enabled", headlock));
		assertThat(this.database.history()).containsExactly("1");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void withoutFlywayNothingIsMigrated() throws Exception {
		assertTrained(Map.of("spring.flyway.enabled", false));
		assertThat(tables()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whereItSkipsMigrationsNothingIsMigrated(boolean headlock) throws Exception {
		assertTrained(Map.of("headlock.skip-migrations", true, "headlock.enabled", headlock));
		assertThat(tables()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anotherDatabaseNeedsNoPostgreSql(boolean headlock) throws Exception {
		assertTrained(Map.of("spring.datasource.url", "jdbc:h2:mem:training", "spring.flyway.locations",
				"classpath:db/h2", "headlock.enabled", headlock));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void withoutADatabaseItFailsAsFlywayAlone(boolean headlock) throws Exception {
		Replica replica = replica(Map.of("spring.datasource.url", "jdbc:postgresql://127.0.0.1:1/none",
				"spring.datasource.hikari.connection-timeout", 250, "headlock.enabled", headlock));
		try (ReplicaProcess process = start(replica)) {
			assertThat(process.exitCode()).as(process.output()).isOne();
			assertThat(process.output()).doesNotContain("'schema' does not exist");
		}
	}

	private void assertTrained(Map<String, Object> properties) throws Exception {
		try (ReplicaProcess process = start(replica(properties))) {
			assertThat(process.exitCode()).as(process.output()).isZero();
			assertThat(process.output()).doesNotContain("APPLICATION FAILED TO START", "Started ");
		}
	}

	private static ReplicaProcess start(Replica replica) {
		return ReplicaProcess.start(ReplicaProcess.Main.class, replica, "-Dspring.context.exit=onRefresh");
	}

	private Replica replica(Map<String, Object> properties) {
		Replica replica = Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("management.endpoint.health.group.x.include", "schema");
		properties.forEach(replica::with);
		return replica;
	}

	private List<String> tables() {
		return this.database
			.list("SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
	}

}
