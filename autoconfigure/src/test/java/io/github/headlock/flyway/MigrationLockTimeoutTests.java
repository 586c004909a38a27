package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.regex.Pattern;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.waiting.StartInterruptedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * Migrations that queue for the lock of a table that the application uses.
 */
@ExtendWith(OutputCaptureExtension.class)
class MigrationLockTimeoutTests {

	private static final Pattern TRIED_AGAIN = Pattern
		.compile("\\(attempt (.) of 10\\); blocked by: .* Trying again in about (.*) s");

	private static final String QUEUEING = "SELECT pid FROM pg_locks WHERE NOT granted "
			+ "AND mode = 'AccessExclusiveLock' AND relation = 'parcel'::regclass";

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	MigrationLockTimeoutTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeEach
	void prepare() {
		this.migrations.file("V1__a.sql",
				"CREATE TABLE parcel (id int); CREATE TABLE depot (id int); CREATE SEQUENCE tries");
		replica(false).startAndStop();
		this.migrations.file("V2__b.sql", "INSERT INTO depot VALUES (2)");
		this.migrations.file("V3__c.sql", "INSERT INTO depot VALUES (3); ALTER TABLE parcel ADD name text");
		this.migrations.file("V4__d.sql", "INSERT INTO depot VALUES (4)");
	}

	@Tag("every-version")
	@Tag("every-postgresql")
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theApplicationReadsOnWhileAMigrationTriesAgainAndAgain(boolean pooled, CapturedOutput output)
			throws Exception {
		try (Connection idle = this.database.inTransaction("SELECT * FROM parcel")) {
			Background<MigrationReport> start = Background
				.start(() -> replica(pooled).with("headlock.ddl.lock-timeout", "2s").startAndStop());
			await().until(() -> !this.database.list(QUEUEING).isEmpty());
			Background<String> read = Background.start(() -> this.database.value("SELECT count(*) FROM parcel"));
			// behind a migration that keeps its place it would wait until the idle one
			// ends
			assertThat(read.result()).isEqualTo("0");
			await().until(() -> output.toString().contains("(attempt 2 of 10)"));
			assertThat(output).contains(
					"Migration V3__c.sql was rolled back, because it did not get a lock that it needs (headlock.ddl.lock-timeout is 2.0 s)",
					"blocked by: [pid " + pid(idle) + ", role \"postgres\"", "idle in transaction");
			idle.rollback();
			assertThat(start.result().migrations()).isEqualTo(3);
		}
		assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
		assertThat(this.database.list("SELECT id FROM depot")).containsExactly("2", "3", "4");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Tag("every-postgresql")
	@Test
	void theLastAttemptNamesWhoIsInTheWayAndLeavesNothing() throws Exception {
		try (Connection idle = this.database.inTransaction("SELECT * FROM parcel")) {
			Background<MigrationReport> start = Background
				.start(() -> replica(false).with("headlock.ddl.lock-timeout", "3s")
					.with("headlock.ddl.max-attempts", 2)
					.startAndStop());
			assertThat(start.failure()).cause().isInstanceOfSatisfying(MigrationBlockedException.class, (ex) -> {
				assertThat(ex.getScript()).isEqualTo("V3__c.sql");
				assertThat(ex.getAttempts()).isEqualTo(2);
				assertThat(ex.getBlockers()).singleElement().satisfies((blocker) -> {
					assertThat(blocker.pid()).isEqualTo(pid(idle));
					assertThat(blocker.state()).isEqualTo("idle in transaction");
				});
			});
		}
		assertThat(this.database.list("SELECT version || ' ' || success FROM flyway_schema_history"))
			.containsExactly("1 true", "2 true");
		assertThat(this.database.list("SELECT id FROM depot")).containsExactly("2");
		assertThat(replica(false).startAndStop().migrations()).isEqualTo(2);
	}

	@Tag("every-postgresql")
	@Test
	void aDeadlockIsTriedAgain(CapturedOutput output) throws Exception {
		this.migrations.file("V3__c.sql",
				"LOCK TABLE depot; SELECT pg_advisory_xact_lock(1, 1); INSERT INTO depot VALUES (3); LOCK TABLE parcel");
		try (Connection gate = this.database.gate();
				Connection other = this.database.inTransaction("SET LOCAL deadlock_timeout = '1min'",
						"LOCK TABLE parcel")) {
			Background<MigrationReport> start = Background
				.start(() -> replica(false).with("headlock.ddl.lock-timeout", "5m").startAndStop());
			this.database.awaitMigrationAtTheGate();
			Background<Boolean> wait = Background.start(() -> other.createStatement().execute("LOCK TABLE depot"));
			await().until(() -> !this.database.list("SELECT 1 FROM pg_locks WHERE pid = ? AND NOT granted", pid(other))
				.isEmpty());
			gate.rollback();
			wait.result();
			other.rollback();
			assertThat(start.result().migrations()).isEqualTo(3);
		}
		assertThat(output)
			.contains("Migration V3__c.sql was rolled back, because it ran into a deadlock (attempt 1 of 10)");
		assertThat(this.database.list("SELECT id FROM depot")).containsExactly("2", "3", "4");
	}

	@Tag("every-postgresql")
	@Test
	void aMigrationThatDoesNotWaitForItsLockIsTriedAgain(CapturedOutput output) throws Exception {
		this.migrations.file("V3__c.sql", "LOCK TABLE parcel NOWAIT; INSERT INTO depot VALUES (3)");
		try (Connection idle = this.database.inTransaction("SELECT * FROM parcel")) {
			Background<MigrationReport> start = Background
				.start(() -> replica(false).with("headlock.ddl.lock-timeout", "1h").startAndStop());
			await().until(() -> output.toString().contains("(attempt 1 of 10)"));
			assertThat(output).contains("because it did not get a lock that it needs (", "no session that was seen");
			idle.rollback();
			assertThat(start.result().migrations()).isEqualTo(3);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "undefined_table", "serialization_failure", "query_canceled", "unique_violation",
			"object_in_use" })
	void anotherErrorIsNotTriedAgain(String condition, CapturedOutput output) {
		// what a sequence has counted is not rolled back
		this.migrations.file("V3__c.sql",
				"SELECT nextval('tries'); DO $$ BEGIN RAISE USING ERRCODE = '%s', MESSAGE = 'on purpose'; END $$"
					.formatted(condition));
		assertThatException().isThrownBy(() -> replica(false).with("headlock.ddl.lock-timeout", "300ms").startAndStop())
			.withStackTraceContaining("on purpose");
		assertThat(output).doesNotContain("(attempt");
		assertThat(this.database.value("SELECT last_value FROM tries")).isEqualTo("1");
	}

	@Test
	void withoutALockTimeoutAMigrationKeepsItsPlace(CapturedOutput output) throws Exception {
		try (Connection idle = this.database.inTransaction("SELECT * FROM parcel")) {
			Background<MigrationReport> start = Background.start(() -> replica(false).startAndStop());
			await().until(() -> !this.database.list(QUEUEING).isEmpty());
			List<String> place = this.database.list(QUEUEING);
			String sinceLong = "SELECT pid FROM pg_stat_activity WHERE pid = ? AND wait_event_type = 'Lock' "
					+ "AND clock_timestamp() - query_start > interval '3 s'";
			await().until(() -> !this.database.list(sinceLong, Integer.valueOf(place.get(0))).isEmpty());
			Background<String> read = Background.start(() -> this.database.value("SELECT count(*) FROM parcel"));
			await().until(() -> !this.database.list(QUEUEING.replace("AccessExclusive", "AccessShare")).isEmpty());
			assertThat(this.database.list(QUEUEING)).isEqualTo(place);
			idle.rollback();
			assertThat(start.result().migrations()).isEqualTo(3);
			assertThat(read.result()).isEqualTo("0");
		}
		assertThat(output).doesNotContain("(attempt");
	}

	@ParameterizedTest
	@ValueSource(strings = { "lock_not_available", "deadlock_detected" })
	void withoutALockTimeoutAMigrationIsTriedOnceAsByPlainFlyway(String condition, CapturedOutput output) {
		this.migrations.file("V3__c.sql",
				"SELECT nextval('tries'); DO $$ BEGIN RAISE USING ERRCODE = '%s', MESSAGE = 'on purpose'; END $$"
					.formatted(condition));
		assertThatException().isThrownBy(() -> replica(false).startAndStop()).withStackTraceContaining("on purpose");
		assertThat(this.database.value("SELECT last_value FROM tries")).isEqualTo("1");
		assertThatException().isThrownBy(() -> replica(false).plain().start()).withStackTraceContaining("on purpose");
		assertThat(this.database.value("SELECT last_value FROM tries")).isEqualTo("2");
		assertThat(output).doesNotContain("(attempt");
	}

	@Test
	void aMigrationWithoutATransactionQueuesForAsLongAsItTakes() throws Exception {
		this.migrations.file("V3__c.sql", "CREATE INDEX CONCURRENTLY parcel_id ON parcel (id)");
		try (Connection writer = this.database.inTransaction("INSERT INTO parcel VALUES (1)")) {
			Background<MigrationReport> start = Background
				.start(() -> replica(false).with("headlock.ddl.lock-timeout", "200ms").startAndStop());
			String queueingForLong = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' "
					+ "AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '1 s' "
					+ "AND datname = current_database()";
			await().until(() -> !this.database.list(queueingForLong).isEmpty());
			writer.rollback();
			assertThat(start.result().migrations()).isEqualTo(3);
		}
	}

	@Test
	void thePausesGrowAndAnInterruptEndsThem(CapturedOutput output) throws Exception {
		try (Connection idle = this.database.inTransaction("SELECT * FROM parcel")) {
			Background<MigrationReport> start = Background
				.start(() -> replica(false).with("headlock.ddl.lock-timeout", "50ms").startAndStop());
			await().until(() -> output.toString().contains("(attempt 4 of 10)"));
			start.interrupt();
			assertThat(start.failure()).hasCauseInstanceOf(StartInterruptedException.class);
			assertThat(TRIED_AGAIN.matcher(output).results().map((line) -> line.group(1) + " " + line.group(2)))
				.startsWith("1 0.5", "2 1.0", "3 2.0", "4 4.0");
		}
		assertThat(this.database.advisoryLocks()).isZero();
	}

	private static int pid(Connection connection) throws Exception {
		return connection.unwrap(PGConnection.class).getBackendPID();
	}

	private Replica replica(boolean pooled) {
		return Replica.of(pooled ? this.database.pooledUrl() : this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

}
