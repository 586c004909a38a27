package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.flyway.ConnectionLostException;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.schema.FailedMigrationException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Starts that fail, and what they leave behind.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailedStartTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	FailedStartTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@Tag("every-version")
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aFailingMigrationFreesTheLockAndTheNextReplicaTakesOver(boolean pooled) throws Exception {
		String url = pooled ? this.database.pooledUrl() : this.database.url();
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int); SELECT 1 / 0");
		assertThat(catchThrowable(() -> replica(url).startAndStop())).rootCause()
			.hasMessageContaining("division by zero");
		assertThat(this.database.advisoryLocks()).isZero();
		assertThat(this.database.history()).containsExactly("1");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		assertThat(replica(url).with("headlock.lock.timeout", "0s").startAndStop().migrations()).isOne();
	}

	@Tag("every-version")
	@Test
	void aWaiterTakesOverFromAReplicaThatFails(CapturedOutput output) throws Exception {
		// Fails for the first replica only: a sequence is not rolled back.
		this.database.execute("CREATE SEQUENCE runs");
		this.migrations.file("V1__a.sql",
				"SELECT pg_advisory_xact_lock(1, 1); CREATE TABLE a AS SELECT 1 / (nextval('runs') - 1) AS id");
		Replica replica = replica(this.database.url()).with("spring.flyway.baseline-on-migrate", true)
			.with("spring.flyway.baseline-version", 0);
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> failing = Background.start(replica::startAndStop);
			this.database.awaitMigrationAtTheGate();
			Background<MigrationReport> waiting = Background.start(replica::startAndStop);
			await().until(() -> output.getOut().contains("Waiting for the migration lock"));
			gate.rollback();
			assertThat(failing.failure()).cause().isInstanceOf(FlywayException.class);
			assertThat(waiting.result()).extracting(MigrationReport::outcome, MigrationReport::migrations)
				.containsExactly(MigrationOutcome.MIGRATED, 1);
		}
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void aFailedRowOfThisReleaseEndsTheStart() {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		replica(this.database.url()).startAndStop();
		this.database.execute("UPDATE flyway_schema_history SET success = false");
		assertFailedMigration("\"public\".\"flyway_schema_history\": version 1 (a) failed");
	}

	private void assertFailedMigration(String message) {
		assertThat(catchThrowable(() -> replica(this.database.url()).startAndStop())).cause()
			.isInstanceOfSatisfying(FailedMigrationException.class, (ex) -> {
				assertThat(ex).hasMessage(message);
				assertThat(ex.getExitCode()).isOne();
			});
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void fastPathOffTakesTheLockAndRunsFlyway() {
		Replica replica = Replica.of(this.database.url(), "basic").with("headlock.fast-path", "off");
		replica.startAndStop();
		assertThat(replica.startAndStop()).extracting(MigrationReport::outcome, MigrationReport::migrations)
			.containsExactly(MigrationOutcome.MIGRATED, 0);
	}

	@Test
	void anUnreachableDatabaseEndsTheStartAtOnce() {
		assertThat(catchThrowable(
				() -> Replica.of("jdbc:postgresql://127.0.0.1:1/none?password=secret", "basic").startAndStop()))
			.cause()
			.isInstanceOfSatisfying(DatabaseUnavailableException.class, (ex) -> {
				assertThat(ex.getMessage())
					.startsWith("The database cannot be reached (jdbc:postgresql://127.0.0.1:1/none)")
					.doesNotContain("secret");
				assertThat(ex.getExitCode()).isOne();
			});
	}

	@Test
	void anErrorThatOnlyLooksLikeALostConnectionIsTheMigrationsOwn() {
		// What postgres_fdw and dblink raise when their own connection fails.
		this.migrations.file("V1__a.sql",
				"DO $$ BEGIN RAISE EXCEPTION 'could not connect to server' USING ERRCODE = '08001'; END $$");
		assertThat(catchThrowable(() -> replica(this.database.url()).startAndStop())).cause()
			.isInstanceOf(FlywayException.class);
	}

	@Test
	void aLostConnectionEndsTheStartAndTheNextStartGoesOn() throws Exception {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int); SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> replica(this.database.url()).startAndStop());
			this.database.value("SELECT pg_terminate_backend(?::int)", this.database.awaitMigrationAtTheGate());
			assertThat(start.failure()).cause().isInstanceOfSatisfying(ConnectionLostException.class, (ex) -> {
				assertThat(ex).hasMessage(
						"The connection to %s was lost while migrating (Failed to execute script "
								+ "V2__b.sql): FATAL: terminating connection due to administrator command",
						this.database.url());
				assertThat(ex).cause().isInstanceOf(FlywayException.class);
				assertThat(ex.getExitCode()).isOne();
			});
		}
		assertThat(this.database.history()).containsExactly("1");
		assertThat(replica(this.database.url()).startAndStop().migrations()).isOne();
	}

	private Replica replica(String url) {
		return Replica.of(url, "none").with("spring.flyway.locations", this.migrations.location());
	}

}
