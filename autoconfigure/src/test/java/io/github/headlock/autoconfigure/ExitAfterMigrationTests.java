package io.github.headlock.autoconfigure;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Real processes of an application whose beans say so when they are created or started.
 */
class ExitAfterMigrationTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	ExitAfterMigrationTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@Tag("every-version")
	@Test
	void nothingOfTheApplicationRunsButItsMigrations() throws Exception {
		assertExit(0, replica(), "(migrated 2 migrations, ", "Exiting, because headlock.exit-after-migration is set");
		assertThat(this.database.history()).containsExactly("1", "2");
		assertExit(0, replica(), "(at head already, ", "Exiting, because");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void withoutTheSettingTheApplicationRuns() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(SpeakingApplication.class,
				replica().with("headlock.exit-after-migration", false))) {
			assertThat(process.exitCode()).isZero();
			assertThat(process.output()).contains("CREATED eager", "CREATED lifecycle", "STARTED lifecycle",
					"CREATED listener", "HEARD listener", "HEARD method", "CREATED task", "RAN task", "RAN runner");
		}
	}

	@Test
	void aFailureHasItsExitCodeAndItsExplanation() throws Exception {
		try (Connection holder = this.database
			.hold(String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey()))) {
			assertExit(10, replica().with("headlock.lock.timeout", "1s"), "APPLICATION FAILED TO START",
					"No migration lock of");
		}
		this.migrations.file("V3__c.sql", "SELECT 1/0");
		assertExit(1, replica(), "division by zero");
	}

	@Test
	void skippingItEndsOnlyOnASchemaAtHead() throws Exception {
		Replica skipping = replica().with("headlock.skip-migrations", true);
		assertExit(13, skipping, "APPLICATION FAILED TO START",
				"Schema \"public\" is BEHIND: there is no history table");
		assertExit(0, replica(), "Exiting, because");
		assertExit(0, skipping, "(migrations skipped, at head already, ", "Exiting, because");
	}

	@Test
	void anApplicationWithoutFlywayIsAMistake() throws Exception {
		assertExit(1, replica().with("spring.flyway.enabled", false), "APPLICATION FAILED TO START",
				"headlock.exit-after-migration", "The application has no Flyway.");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sigtermInTheMiddleRollsBackAndFreesEverything(boolean exitAfterMigration) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.migrations.file("V3__c.sql", "CREATE TABLE c (id int); SELECT pg_advisory_xact_lock(1, 1)");
		Replica replica = roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.exit-after-migration", exitAfterMigration);
		try (Connection gate = this.database.gate();
				ReplicaProcess process = ReplicaProcess.start(SpeakingApplication.class, replica)) {
			this.database.awaitMigrationAtTheGate();
			assertThat(roles.canLogIn()).isFalse();
			process.terminate();
			assertThat(process.exitCode()).isEqualTo(128 + 15);
			assertThat(process.output())
				.contains("Shutdown requested; cancelling the migration",
						"Shutdown requested; cancelled while migrating (")
				.doesNotContain("was lost while migrating");
			assertThat(roles.canLogIn()).isTrue();
			assertThat(roles.isRecorded()).isFalse();
		}
		await().until(() -> this.database.advisoryLocks() == 0);
		assertThat(this.database.history()).containsExactly("1", "2");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'c'")).isEmpty();
		assertExit(0, replica.with("headlock.exit-after-migration", true), "migrated 1 migration");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.exit-after-migration", true);
	}

	private static void assertExit(int exitCode, Replica replica, String... output) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.start(SpeakingApplication.class, replica)) {
			assertThat(process.exitCode()).as(process.output()).isEqualTo(exitCode);
			assertThat(process.output()).contains(output)
				.doesNotContain("CREATED", "STARTED", "HEARD", "RAN", "Unable to close");
		}
	}

}
