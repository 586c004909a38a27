package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.ReplicaProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A process that holds the lock, and does not come to an end with it as it meant to.
 */
class HolderProcessTests extends FenceSituation {

	private static final String GATE = "SELECT pg_advisory_xact_lock(1, 1);";

	HolderProcessTests(@TempDir Path folder, @TempDir Path other) {
		super(folder, other);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aHolderThatIsStoppedInAMigrationAndLosesItsLockSharesNoMigrationWithTheNext(boolean pooled) throws Exception {
		this.migrations.file("V2__b.sql", "INSERT INTO effect VALUES ('V2');" + GATE);
		this.migrations.file("V3__c.sql", "INSERT INTO effect VALUES ('V3')");
		try (Connection gate = this.database.gate();
				ReplicaProcess first = ReplicaProcess.start(replica(this.migrations, pooled))) {
			String migration = this.database.awaitMigrationAtTheGate();
			first.suspend();
			killTheLock();
			Background<MigrationReport> second = Background.start(() -> replica(this.migrations, false).startAndStop());
			await().until(() -> second.isWaitingForTheLock());
			gate.rollback();
			String atItsEnd = "SELECT 1 FROM pg_stat_activity WHERE pid = ?::int AND state = 'idle in transaction'";
			await().until(() -> !this.database.list(atItsEnd, migration).isEmpty());
			assertThat(holderSeenByTheNext()).isEqualTo(migration);
			first.resume();
			assertThat(first.exitCode()).as(first.output()).isEqualTo(14);
			assertThat(second.result().migrations()).isOne();
		}
		assertThat(this.database.history()).containsExactly("1", "2", "3");
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("V2", "V3");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void aHolderThatIsStoppedBetweenTwoMigrationsDoesNotRepeatWhatTheNextHasDone() throws Exception {
		this.migrations.file("R__x.sql", "INSERT INTO effect VALUES ('R')");
		this.pausing.file("R__x.sql", "INSERT INTO effect VALUES ('R')");
		// Flyway calls it when it has chosen the repeatable migration, and not begun it
		this.pausing.file("beforeRepeatables.sql", GATE);
		try (Connection gate = this.database.gate();
				ReplicaProcess first = ReplicaProcess.start(replica(this.pausing, false))) {
			this.database.awaitMigrationAtTheGate();
			first.suspend();
			killTheLock();
			assertThat(replica(this.migrations, false).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
			gate.rollback();
			first.resume();
			assertThat(first.exitCode()).as(first.output()).isEqualTo(14);
		}
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("R");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aHolderThatIsToldToEndInAMigrationWithoutATransactionLeavesNoFailedRow(boolean pooled) throws Exception {
		this.migrations.file("V2__b.sql", """
				DROP INDEX CONCURRENTLY IF EXISTS effect_name;
				CREATE INDEX CONCURRENTLY effect_name ON effect (name);
				""");
		try (Connection inTheWay = this.database.inTransaction("LOCK TABLE effect IN ROW EXCLUSIVE MODE")) {
			try (ReplicaProcess process = ReplicaProcess.start(replica(this.migrations, pooled))) {
				this.database.awaitBlockedBy(inTheWay);
				process.terminate();
				assertThat(process.exitCode()).isEqualTo(128 + 15);
				assertThat(process.output()).contains("Shutdown requested; cancelled while migrating (")
					.doesNotContain("was lost while migrating");
			}
			await().until(() -> this.database.advisoryLocks() == 0);
		}
		assertThat(this.database.list("SELECT version FROM flyway_schema_history")).containsExactly("1");
		assertThat(replica(this.migrations, pooled).startAndStop().migrations()).isOne();
		assertThat(this.database.list("SELECT indisvalid FROM pg_index WHERE indexrelid = 'effect_name'::regclass"))
			.containsExactly("t");
	}

}
