package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationReport;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.test.Background;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * How long a process stays inside the fence, and what it takes for its own doing there.
 */
class FenceDurationTests extends FenceSituation {

	FenceDurationTests(@TempDir Path folder, @TempDir Path other) {
		super(folder, other);
	}

	@Test
	void aMigrationWithoutATransactionKeepsTheNextHolderOutUntilItIsRecorded() throws Exception {
		withoutTransaction(this.migrations, 2);
		withoutTransaction(this.pausing, 2);
		// between the migration and its row
		this.pausing.file("afterEachMigrate.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> first = Background.start(() -> replica(this.pausing, false).startAndStop());
			String migration = this.database.awaitMigrationAtTheGate();
			killTheLock();
			Background<MigrationReport> second = Background.start(() -> replica(this.migrations, false).startAndStop());
			await().until(() -> second.isWaitingForTheLock() || second.isDone());
			assertThat(holderSeenByTheNext()).isEqualTo(migration);
			gate.rollback();
			assertThat(first.failure()).hasCauseInstanceOf(LockLostException.class);
			assertThat(second.result().migrations()).isZero();
		}
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("V2");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aGroupWithoutATransactionIsNotMistakenForAnotherProcess(boolean pooled, CapturedOutput output) {
		for (int version = 2; version <= 14; version++) {
			withoutTransaction(this.migrations, version);
		}
		assertThat(replica(this.migrations, pooled).with("spring.flyway.group", true).startAndStop().migrations())
			.isEqualTo(13);
		assertThat(output).doesNotContain("Another process");
		assertThat(this.database.list("SELECT name FROM effect")).hasSize(13);
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void aGroupMayLockTheHistoryTable() throws Exception {
		this.migrations.file("V2__b.sql", "ALTER TABLE flyway_schema_history OWNER TO CURRENT_USER");
		this.migrations.file("V3__c.sql", "INSERT INTO effect VALUES ('V3')");
		Background<MigrationReport> start = Background
			.start(() -> replica(this.migrations, false).with("spring.flyway.group", true).startAndStop());
		assertThat(start.result().migrations()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theServerFindsOutSoonThatTheHostOfAMigrationHasVanished(boolean transactional) {
		this.migrations.file("V2__b.sql", "INSERT INTO effect SELECT current_setting('tcp_keepalives_idle')");
		this.migrations.file("V2__b.sql.conf", "executeInTransaction=" + transactional);
		replica(this.migrations, false).startAndStop();
		assertThat(this.database.list("SELECT name FROM effect")).containsExactly("15");
	}

	private void withoutTransaction(TestMigrations release, int version) {
		release.file("V%d__x.sql".formatted(version), "INSERT INTO effect VALUES ('V%d')".formatted(version));
		release.file("V%d__x.sql.conf".formatted(version), "executeInTransaction=false");
	}

}
