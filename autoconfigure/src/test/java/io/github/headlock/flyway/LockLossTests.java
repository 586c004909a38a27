package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

import io.github.headlock.MigrationReport;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.test.Background;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.PostgresServer.StopMode;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What ends the lock's connection and the migration's together, or lets both fall silent.
 */
@ExtendWith(OutputCaptureExtension.class)
class LockLossTests {

	private static PostgresServer server;

	private final TestDatabase database = TestDatabase.on(server);

	private final TestMigrations migrations;

	LockLossTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int); SELECT pg_advisory_xact_lock(1, 1)");
		// Flyway wants another connection for it
		this.migrations.file("afterMigrateError.sql", "SELECT 1");
	}

	@BeforeAll
	static void startServer() {
		// what is recorded must outlive a crash
		server = PostgresServer.start(Map.of("synchronous_commit", "on"));
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@ParameterizedTest
	@EnumSource
	@NotInContainer("it stops the server's process and starts it again")
	void aRestartOfTheServerEndsTheStartWithTheLossOfTheLock(StopMode mode) throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = start(this.database.url());
			this.database.awaitMigrationAtTheGate();
			server.stop(mode);
			assertLockLost(start);
		}
		finally {
			server.startAgain();
		}
		assertThat(this.database.history()).containsExactly("1");
		assertThat(start(this.database.url()).result().migrations()).isOne();
	}

	@Test
	void aRestartOfThePoolerEndsTheStartWithTheLossOfTheLock() throws Exception {
		try (PgBouncer pooler = this.database.pooler(3); Connection gate = this.database.gate()) {
			Background<MigrationReport> start = start(pooler.url(this.database.name()));
			this.database.awaitMigrationAtTheGate();
			pooler.kill();
			assertLockLost(start);
			pooler.startAgain();
		}
		await().until(() -> this.database.advisoryLocks() == 0);
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void aPoolerThatEndsIdleTransactionsAtOnceEndsTheStartWithTheLossOfTheLock() throws Exception {
		try (PgBouncer pooler = this.database.pooler(3); Connection gate = this.database.gate()) {
			Background<MigrationReport> start = start(pooler.url(this.database.name()));
			this.database.awaitMigrationAtTheGate();
			pooler.set("idle_transaction_timeout = 2");
			await().until(() -> this.database.advisoryLocks() == 2);
			// else it might end the migration's transaction, too
			pooler.set("idle_transaction_timeout = 0");
			gate.rollback();
			assertLockLost(start);
		}
		assertThat(this.database.history()).containsExactly("1", "2");
	}

	/** As when a network swallows everything: nothing is ever answered or refused. */
	@Test
	void aMigrationOfWhichNothingIsHeardAnyMoreIsGivenUp(CapturedOutput output) throws Exception {
		try (PgBouncer pooler = this.database.pooler(3); Connection gate = this.database.gate()) {
			Background<MigrationReport> start = start(pooler.url(this.database.name()));
			this.database.awaitMigrationAtTheGate();
			pooler.suspend();
			await().atMost(Duration.ofMinutes(2)).until(start::isDone);
			pooler.resume();
			assertLockLost(start);
		}
		assertThat(output)
			.contains("Cancelling the migration that runs without its lock, because the database does not answer: ");
		await().until(() -> this.database.advisoryLocks() == 0);
		assertThat(this.database.history()).containsExactly("1");
	}

	private static void assertLockLost(Background<MigrationReport> start) throws Exception {
		assertThat(start.failure()).cause().isInstanceOfSatisfying(LockLostException.class, (ex) -> {
			assertThat(ex.getExitCode()).isEqualTo(14);
			assertThat(ex).hasCauseInstanceOf(SQLException.class);
		});
	}

	private Background<MigrationReport> start(String url) {
		return Background.start(() -> Replica.of(url, "none")
			.with("spring.flyway.locations", this.migrations.location())
			.startAndStop());
	}

}
