package io.github.headlock.runbook;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.DocumentationPage.Section;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * The runbook on rollouts that hang, and on the lock.
 */
class RunbookLockTests extends RunbookSituation {

	RunbookLockTests(@TempDir Path folder) {
		super(folder);
	}

	@Test
	void everySectionHasATest() {
		assertThat(page().titles()).containsExactly("A rollout hangs", "A commit waits for a standby",
				"Who holds the lock", "The lock timed out", "A role is locked out", "A migration failed half-way",
				"A migration is blocked", "An upgrade is refused", "A background migration does not finish",
				"Sessions do not drain", "pgpool-II detached the server", "Schema behind", "A standby was reached",
				"The lock was lost");
	}

	@Test
	void aRolloutHangs(CapturedOutput output) throws Exception {
		Section section = section("A rollout hangs");
		replica().startAndStop();
		this.migrations.file("V2__b.sql", "ALTER TABLE a ADD COLUMN b int");
		this.database.execute("GRANT SELECT ON a TO " + this.roles.application());
		try (Connection inTheWay = this.roles.connect(); Statement statement = inTheWay.createStatement()) {
			inTheWay.setAutoCommit(false);
			statement.executeQuery("SELECT * FROM a").close();
			Background<MigrationReport> migrating = Background.start(() -> replica().startAndStop());
			String migration = this.database.awaitBlockedBy(inTheWay);
			Background<MigrationReport> waiting = Background.start(() -> replica().startAndStop());
			awaitLine(output, section.nextLog());
			String look = section.nextSql();
			Map<String, String> seen = only(rows(this.operator, look));
			assertThat(seen).containsEntry("pid", migration)
				.containsEntry("blocker", "shop")
				.containsEntry("state", "idle in transaction");
			assertThat(seen.get("application_name")).startsWith("headlock ");
			assertThat(seen.get("waiting_for")).isNotNull();
			assertThat(seen.get("xact_start")).isNotNull();
			assertThat(only(rows(this.anybody, look))).containsEntry("pid", migration)
				.containsEntry("blocked_by", seen.get("blocked_by"))
				.containsEntry("waiting_for", null)
				.containsEntry("state", null);
			String terminate = section.nextSql("4711", String.valueOf(seen.get("blocked_by")));
			assertThatThrownBy(() -> rows(this.anybody, terminate))
				.hasMessageMatching("(?s)ERROR: (permission denied|must be).*");
			this.database.execute("GRANT pg_signal_backend TO " + this.operator);
			rows(this.operator, terminate);
			assertThat(migrating.result().migrations()).isOne();
			assertThat(waiting.result().migrations()).isZero();
		}
	}

	@Test
	void aPreparedTransactionInTheWayIsShownAsZero() throws Exception {
		replica().startAndStop();
		this.migrations.file("V2__b.sql", "ALTER TABLE a ADD COLUMN b int");
		this.database.inTransaction("SELECT * FROM a", "PREPARE TRANSACTION '%s'".formatted(this.anybody)).close();
		Background<MigrationReport> migrating = Background.start(() -> replica().startAndStop());
		String look = page().section("A rollout hangs").nextSql();
		await().until(() -> !rows(this.operator, look).isEmpty());
		assertThat(only(rows(this.operator, look))).containsEntry("blocked_by", "0").containsEntry("blocker", null);
		this.database.execute("ROLLBACK PREPARED '%s'".formatted(this.anybody));
		assertThat(migrating.result().migrations()).isOne();
	}

	@Test
	void whoHoldsTheLock(CapturedOutput output) throws Exception {
		Section section = section("Who holds the lock");
		this.migrations.file("V1__a.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		String look = section.nextSql();
		assertThat(rows(this.operator, look)).isEmpty();
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> migrating = Background.start(() -> replica().startAndStop());
			String migration = this.database.awaitMigrationAtTheGate();
			Background<MigrationReport> waiting = Background.start(() -> replica().startAndStop());
			awaitLine(output, section.nextLog());
			assertThat(who("fence", this.operator, look)).containsEntry("pid", migration);
			Map<String, String> seen = who("lock", this.operator, look);
			assertThat(seen.get("application_name")).startsWith("headlock ");
			assertThat(seen.get("client_addr")).isNotNull();
			assertThat(seen.get("xact_start")).isNotNull();
			assertThat(output).contains("it is held by pid " + seen.get("pid"));
			assertThat(who("lock", this.anybody, look)).containsEntry("pid", seen.get("pid"))
				.containsEntry("application_name", seen.get("application_name"))
				.containsEntry("client_addr", null)
				.containsEntry("xact_start", null);
			gate.rollback();
			migrating.result();
			waiting.result();
		}
	}

	@Test
	void whoTakesTheLockUnderTheNameOfAPodIsKnownByItsRole(CapturedOutput output) throws Exception {
		try (Connection taken = this.roles.connect(); Statement statement = taken.createStatement()) {
			statement.execute("SET application_name = 'headlock shop-7f9c'");
			for (long key : List.of(HISTORY.lockKey(), HISTORY.fenceKey(), HISTORY.taskLockKey())) {
				statement.execute("SELECT pg_advisory_lock(%d)".formatted(key));
			}
			assertExitCode(10, migrating().with("headlock.lock.timeout", "0"));
			String role = this.roles.application();
			assertThat(output).contains(", role \"" + role + "\", application \"headlock shop-7f9c\"");
			String look = page().section("Who holds the lock").nextSql();
			assertThat(rows(this.anybody, look)).extracting((row) -> row.get("holds"))
				.containsExactlyInAnyOrder("lock", "fence", "task");
			assertThat(rows(this.anybody, look)).extracting((row) -> row.get("usename")).containsOnly(role);
		}
	}

	private Map<String, String> who(String holds, String role, String look) throws Exception {
		return only(rows(role, look).stream().filter((row) -> holds.equals(row.get("holds"))).toList());
	}

	@Test
	void keysBeginWithTheseNumbers() {
		for (int i = 0; i < 1000; i++) {
			HistoryTable table = new HistoryTable("schema_" + i, "history_" + 31 * i);
			assertThat(table.lockKey() >>> 32).isIn(18027L, 18028L);
			assertThat(table.fenceKey() >>> 32).isIn(69L, 70L);
			assertThat(table.taskLockKey() >>> 32).isIn(4294949267L, 4294949268L);
		}
	}

	@Test
	void theLockTimedOut(CapturedOutput output) throws Exception {
		Section section = section("The lock timed out");
		replica().startAndStop();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		try (Connection holder = this.database.hold(String.valueOf(HISTORY.lockKey()))) {
			assertExitCode(10, replica().with("headlock.lock.timeout", "1s"));
		}
		assertThat(output.toString()).containsPattern(section.nextLog());
		String look = section.nextSql();
		assertThatThrownBy(() -> rows(this.operator, look)).hasMessageContaining("permission denied");
		this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.operator);
		assertThat(only(rows(this.operator, look))).containsEntry("version", "1").containsEntry("success", "t");
	}

	@Test
	void theLockWasLost(CapturedOutput output) throws Exception {
		Section section = section("The lock was lost");
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		this.migrations.file("V3__c.sql", "CREATE TABLE c (id int)");
		Section holder = page().section("Who holds the lock");
		String look = holder.nextSql();
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> replica().startAndStop());
			this.database.awaitMigrationAtTheGate();
			String pid = String.valueOf(who("lock", this.operator, look).get("pid"));
			this.database.value("SELECT pg_terminate_backend(?::int)", pid);
			await().until(() -> rows(this.operator, look).stream().noneMatch((row) -> "lock".equals(row.get("holds"))));
			assertThat(only(rows(this.operator, look))).containsEntry("holds", "fence");
			gate.rollback();
			assertThat(exitCode(start.failure())).isEqualTo(14);
		}
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(this.database.history()).containsExactly("1", "2");
		assertThat(only(rows(this.anybody, section.nextSql()))).containsEntry("pg_is_in_recovery", "f")
			.hasEntrySatisfying("pg_postmaster_start_time", (time) -> assertThat(time).isNotNull());
		assertThat(replica().startAndStop().migrations()).isOne();
	}

}
