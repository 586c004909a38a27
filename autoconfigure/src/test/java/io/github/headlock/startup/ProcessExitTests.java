package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Real processes: their death and their exit codes.
 */
class ProcessExitTests {

	private static final String LOCK = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	ProcessExitTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aKilledProcessLeavesNothingBehindAndTheNextStartFinishes(boolean pooled) throws Exception {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int); SELECT pg_advisory_xact_lock(1, 1)");
		String url = pooled ? this.database.pooledUrl() : this.database.url();
		Replica replica = replica(url);
		try (Connection gate = this.database.gate(); ReplicaProcess process = ReplicaProcess.start(replica)) {
			this.database.awaitMigrationAtTheGate();
			process.kill();
		}
		await().until(() -> this.database.advisoryLocks() == 0);
		assertThat(this.database.history()).containsExactly("1");
		assertThat(replica.startAndStop().migrations()).isOne();
		assertThat(this.database.history()).containsExactly("1", "2");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theServerEndsTheStatementOfAKilledProcessSoSoonThatNobodyWaitsForIt(boolean pooled) throws Exception {
		this.migrations.file("V1__a.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		Replica replica = replica(pooled ? this.database.pooledUrl() : this.database.url());
		try (Connection gate = this.database.gate()) {
			String migration;
			try (ReplicaProcess process = ReplicaProcess.start(replica)) {
				migration = this.database.awaitMigrationAtTheGate();
			}
			await().until(() -> this.database.list("SELECT pid FROM pg_stat_activity WHERE pid = ?::int", migration)
				.isEmpty());
		}
	}

	@Test
	void aWaitingProcessEndsSoonAfterSigterm() throws Exception {
		try (Connection holder = this.database.hold(LOCK);
				ReplicaProcess process = ReplicaProcess
					.start(Replica.of(this.database.url(), "basic").with("headlock.lock.poll-interval", "10m"))) {
			await().atMost(Duration.ofMinutes(3))
				.until(() -> process.output().contains("Waiting for the migration lock"));
			process.terminate();
			await().until(() -> !process.isAlive());
			assertThat(process.exitCode()).isEqualTo(128 + 15);
			assertThat(process.output()).contains("Shutdown requested; cancelled while waiting for the migration lock");
		}
	}

	@Test
	void aLockTimeoutHasItsExitCodeAndItsExplanation() throws Exception {
		try (Connection holder = this.database.hold(LOCK)) {
			assertExit(Replica.of(this.database.url(), "basic").with("headlock.lock.timeout", "1s"), 10,
					"APPLICATION FAILED TO START",
					"No migration lock of \"public\".\"flyway_schema_history\" within 1.0 s: it is held by pid ",
					"headlock.lock.timeout", "pg_terminate_backend(pid)");
		}
	}

	@Test
	void aSchemaAheadHasItsExitCodeAndItsExplanation() throws Exception {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		replica(this.database.url()).startAndStop();
		this.migrations.delete("V2__b.sql");
		assertExit(replica(this.database.url()).with("headlock.on-schema-ahead", "fail"), 13,
				"APPLICATION FAILED TO START", "headlock.on-schema-ahead=accept");
	}

	@Test
	void anUnreachableDatabaseHasItsExplanation() throws Exception {
		assertExit(Replica.of("jdbc:postgresql://127.0.0.1:1/none", "basic"), 1, "APPLICATION FAILED TO START",
				"The database cannot be reached (jdbc:postgresql://127.0.0.1:1/none)", "spring.datasource.url");
	}

	@Test
	void wrongPropertiesAreNamed() throws Exception {
		Replica replica = Replica.of(this.database.url(), "basic");
		assertExit(replica.with("headlock.lock.poll-interval", "0s"), 1, "headlock.lock.poll-interval",
				"It must be between 1 ms and 1 hour.");
	}

	@Test
	void propertiesThatDoNotExistAreNamed() throws Exception {
		assertExit(Replica.of(this.database.url(), "basic").with("headlock.lock.timout", "1m"), 1,
				"Headlock has no such property: headlock.lock.timout (\"headlock.lock.timout\" from property source "
						+ "\"commandLineArgs\").");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
	}

	private static void assertExit(Replica replica, int exitCode, String... explanation) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(replica)) {
			assertThat(process.exitCode()).as(process.output()).isEqualTo(exitCode);
			assertThat(process.output()).contains(List.of(explanation)).doesNotContain("Unable to close");
		}
	}

	private Replica replica(String url) {
		return Replica.of(url, "none").with("spring.flyway.locations", this.migrations.location());
	}

}
