package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.jdbc.ApplicationName;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two processes that both believe they hold the migration lock.
 */
class FenceTests extends FenceSituation {

	private static final String GATE = "SELECT pg_advisory_xact_lock(1, 1);";

	FenceTests(@TempDir Path folder, @TempDir Path other) {
		super(folder, other);
		for (TestMigrations release : List.of(this.migrations, this.pausing)) {
			release.file("R__x.sql", "INSERT INTO effect VALUES ('R')");
		}
		// Flyway calls it when it has chosen the repeatable migration, and not begun it
		this.pausing.file("beforeRepeatables.sql", GATE);
	}

	@Tag("every-version")
	@ParameterizedTest
	@ValueSource(strings = { "read committed", "repeatable read", "serializable" })
	void aHolderWhoseLockWasKilledDoesNotRepeatWhatTheNextHolderHasDone(String isolation) throws Exception {
		this.database.execute("ALTER DATABASE %s SET default_transaction_isolation = '%s'"
			.formatted(this.database.name(), isolation));
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> first = Background.start(() -> replica(this.pausing, false).startAndStop());
			this.database.awaitMigrationAtTheGate();
			killTheLock();
			assertThat(replica(this.migrations, false).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
			gate.rollback();
			assertThat(first.failure()).cause()
				.isInstanceOfSatisfying(LockLostException.class, (ex) -> assertThat(ex.getExitCode()).isEqualTo(14));
		}
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("R");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "read committed", "repeatable read" })
	void aChoiceThatSomebodyWithoutTheLockHasOvertakenIsMadeAnew(String isolation, CapturedOutput output)
			throws Exception {
		this.database.execute("ALTER DATABASE %s SET default_transaction_isolation = '%s'"
			.formatted(this.database.name(), isolation));
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> first = Background.start(() -> replica(this.pausing, false).startAndStop());
			this.database.awaitMigrationAtTheGate();
			this.database.execute("INSERT INTO effect VALUES ('R')", rowOfTheRepeatable());
			gate.rollback();
			assertThat(first.result().migrations()).isZero();
		}
		assertThat(output).contains("Another process has changed \"public\".\"flyway_schema_history\", although");
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("R");
	}

	/** Its first migrations come after it has created the history itself. */
	@Test
	void aChoiceOfTheRunThatCreatedTheHistoryIsMadeAnewAsWell() throws Exception {
		TestDatabase empty = TestDatabase.create();
		try (Connection gate = empty.gate()) {
			Background<MigrationReport> first = Background.start(() -> Replica.of(empty.url(), "none")
				.with("spring.flyway.locations", this.pausing.location())
				.startAndStop());
			empty.awaitMigrationAtTheGate();
			empty.execute("INSERT INTO effect VALUES ('R')", rowOfTheRepeatable());
			gate.rollback();
			assertThat(first.result().migrations()).isOne();
		}
		assertThat(empty.list("SELECT name FROM effect")).containsExactly("R");
	}

	/**
	 * A history that migrations change themselves looks like that of another process.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void migrationsThatChangeTheHistoryThemselvesAreAppliedOnce(boolean group) {
		for (int version = 2; version <= 26; version++) {
			this.migrations.file("V%d__history.sql".formatted(version), """
					INSERT INTO effect VALUES ('V%1$d');
					INSERT INTO flyway_schema_history (installed_rank, description, type, script, installed_by, \
					execution_time, success) VALUES (-%1$d, 'by hand', 'SQL', 'R__by_hand.sql', 'postgres', 1, true);
					DELETE FROM flyway_schema_history WHERE installed_rank = -%1$d + 2""".formatted(version));
		}
		MigrationReport report = replica(this.migrations, false).with("spring.flyway.group", group)
			.with("spring.flyway.ignore-migration-patterns", "*:missing,*:future")
			.startAndStop();
		assertThat(report.migrations()).isEqualTo(26);
		assertThat(this.database.list("SELECT name FROM effect GROUP BY name HAVING pg_catalog.count(*) = 1"))
			.hasSize(26);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			spring.flyway.schemas             | public,second | SCHEMA
			spring.flyway.baseline-on-migrate | true          | BASELINE
			""")
	void whatFlywayRecordsBeforeTheFirstMigrationIsNotTakenForTheWorkOfAnother(String property, String value,
			String recorded, CapturedOutput output) {
		TestDatabase other = TestDatabase.create();
		if (recorded.equals("BASELINE")) {
			other.execute("CREATE TABLE used (id int)");
		}
		Replica replica = Replica.of(other.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.flyway.baseline-version", 0)
			.with(property, value);
		assertThat(replica.startAndStop().migrations()).isEqualTo(2);
		assertThat(other.list("SELECT type FROM flyway_schema_history ORDER BY installed_rank"))
			.containsExactly(recorded, "SQL", "SQL");
		assertThat(output).doesNotContain("has changed \"public\"");
	}

	private String rowOfTheRepeatable() {
		return """
				INSERT INTO flyway_schema_history (installed_rank, description, type, script, checksum, \
				installed_by, execution_time, success) \
				VALUES (2, 'x', 'SQL', 'R__x.sql', %s, 'postgres', 1, true)""".formatted(checksum());
	}

	/** As Flyway computes it, found out on another database. */
	private String checksum() {
		TestDatabase other = TestDatabase.create();
		Replica.of(other.url(), "none").with("spring.flyway.locations", this.migrations.location()).startAndStop();
		return other.value("SELECT checksum FROM flyway_schema_history WHERE script = 'R__x.sql'");
	}

	@Tag("every-version")
	@Test
	void theNextHolderDoesNotBeginAMigrationWhileTheLastOneIsInOne(CapturedOutput output) throws Exception {
		try (Connection gate = this.database.gate(); Connection fence = this.database.connect()) {
			Background<MigrationReport> start = Background.start(() -> replica(this.pausing, false).startAndStop());
			this.database.awaitMigrationAtTheGate();
			fence.createStatement().execute("SELECT pg_advisory_lock(%d)".formatted(TABLE.fenceKey()));
			gate.rollback();
			await().until(() -> start.isIn(ConcurrentMigrationHandler.class.getName()));
			assertThat(this.database.list("SELECT name FROM effect")).isEmpty();
			fence.close();
			assertThat(start.result().migrations()).isOne();
		}
		assertThat(output).contains("Another process is in a migration of ");
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("R");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theSessionThatHoldsTheFenceIsNamedWhileWaitingAndAtTheEnd(boolean inTime, CapturedOutput output)
			throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection gate = this.database.gate(); Connection fence = roles.connect()) {
			Background<MigrationReport> start = Background
				.start(() -> replica(this.pausing, false).with("headlock.lock.timeout", inTime ? "15m" : "1s")
					.startAndStop());
			this.database.awaitMigrationAtTheGate();
			fence.createStatement().execute("SELECT pg_advisory_lock(%d)".formatted(TABLE.fenceKey()));
			gate.rollback();
			String who = "pid %d, role \"%s\", application \"shop\""
				.formatted(fence.unwrap(PGConnection.class).getBackendPID(), roles.application());
			await().until(() -> output.getOut()
				.contains("(at most %s); its fence is held by %s".formatted(inTime ? "900.0 s" : "1.0 s", who)));
			if (inTime) {
				await().until(() -> output.getOut().split("its fence is held by", -1).length > 2);
				fence.close();
				assertThat(start.result().migrations()).isOne();
			}
			else {
				assertThat(start.failure()).cause().isInstanceOfSatisfying(LockLostException.class, (ex) -> {
					assertThat(ex.getExitCode()).isEqualTo(14);
					assertThat(ex).hasMessageContaining("although this one holds its migration lock: " + who);
					assertThat(ex.getHolder()).extracting(LockHolder::role).isEqualTo(roles.application());
				});
			}
		}
	}

	@Tag("every-version")
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whoeverWaitsDoesNotGetTheLockWhileAMigrationOfALostHolderRuns(boolean pooled) throws Exception {
		this.migrations.file("V2__b.sql", "INSERT INTO effect VALUES ('V2');" + GATE);
		this.migrations.file("V3__c.sql", "INSERT INTO effect VALUES ('V3')");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> first = Background.start(() -> replica(this.migrations, pooled).startAndStop());
			String migration = this.database.awaitMigrationAtTheGate();
			killTheLock();
			Background<MigrationReport> second = Background.start(() -> replica(this.migrations, false).startAndStop());
			await().until(() -> second.isWaitingForTheLock());
			assertThat(holderSeenByTheNext()).isEqualTo(migration);
			gate.rollback();
			assertThat(first.failure()).hasCauseInstanceOf(LockLostException.class);
			assertThat(second.result().migrations()).isEqualTo(2);
		}
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("V2", "V3", "R");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Tag("every-version")
	@Test
	void aMigrationWithoutATransactionKeepsTheNextHolderOutAsWell() throws Exception {
		this.migrations.file("V2__b.sql", "CREATE INDEX CONCURRENTLY effect_name ON effect (name)");
		this.migrations.file("V3__c.sql", "INSERT INTO effect VALUES ('V3')");
		try (Connection snapshot = this.database.inTransaction("LOCK TABLE effect IN ROW EXCLUSIVE MODE")) {
			Background<MigrationReport> first = Background.start(() -> replica(this.migrations, false).startAndStop());
			String migration = awaitIndexBuild();
			killTheLock();
			Background<MigrationReport> second = Background.start(() -> replica(this.migrations, false).startAndStop());
			await().until(() -> second.isWaitingForTheLock());
			assertThat(holderSeenByTheNext()).isEqualTo(migration);
			snapshot.rollback();
			assertThat(first.failure()).hasCauseInstanceOf(LockLostException.class);
			assertThat(second.result().migrations()).isEqualTo(2);
		}
		assertThat(this.database.history()).containsExactly("1", "2", "3", "x");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	/** A pooler gives its sessions the names of many clients. */
	@Test
	void whoIsInAMigrationBehindAPoolerIsCalledByItsName() throws Exception {
		this.migrations.file("V2__b.sql", "SET application_name = 'somebody else'");
		this.migrations.file("V3__c.sql", GATE);
		try (Connection gate = this.database.gate(); Connection other = this.database.connect()) {
			Background<MigrationReport> start = Background.start(() -> replica(this.migrations, true).startAndStop());
			this.database.awaitMigrationAtTheGate();
			killTheLock();
			assertThat(new MigrationLock(TABLE).holder(other).map(LockHolder::applicationName))
				.contains(ApplicationName.ofThisProcess());
			gate.rollback();
			assertThat(start.failure()).hasCauseInstanceOf(LockLostException.class);
		}
	}

	@Test
	void aPausingReplicaIsNotMistakenForARunningMigration() throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> replica(this.pausing, false).startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(
					this.database.list("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ?::bigint::oid",
							TABLE.fenceKey() & 0xFFFFFFFFL))
				.isEmpty();
			gate.rollback();
			assertThat(start.result().migrations()).isOne();
		}
	}

	private String awaitIndexBuild() {
		String waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
				+ "AND query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'";
		await().until(() -> !this.database.list(waiting).isEmpty());
		return this.database.value(waiting);
	}

}
