package io.github.headlock.runbook;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.regex.Pattern;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * The runbook on starts that fail, and on what they leave behind.
 */
class RunbookFailureTests extends RunbookSituation {

	RunbookFailureTests(@TempDir Path folder) {
		super(folder);
	}

	@Test
	void aRoleIsLockedOut(CapturedOutput output) throws Exception {
		Section section = section("A role is locked out");
		String role = this.roles.application();
		this.migrations.file("V1__a.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		String look = section.nextSql("shop", role);
		String record = section.nextSql();
		try (Connection gate = this.database.gate(); ReplicaProcess process = ReplicaProcess.start(blocking())) {
			this.database.awaitMigrationAtTheGate();
			process.kill();
		}
		await().until(() -> this.database.advisoryLocks() == 0);
		Pattern refused = section.nextLog("shop", role);
		assertThatThrownBy(this.roles::connect).satisfies((ex) -> assertThat(ex.getMessage()).containsPattern(refused));
		assertThat(only(rows(this.anybody, look))).containsEntry("rolcanlogin", "f")
			.containsEntry("may_connect", "t")
			.containsEntry("record", "flyway_schema_history_blocked_roles");
		assertThatThrownBy(() -> rows(this.operator, record)).hasMessageContaining("permission denied");
		assertThat(only(rows(this.roles.migrator(), record))).containsEntry("role_name", role)
			.containsEntry("block_with", "NOLOGIN")
			.hasEntrySatisfying("blocked_by", (pod) -> assertThat(pod).startsWith("headlock "));
		migrating().startAndStop();
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(only(rows(this.anybody, look))).containsEntry("rolcanlogin", "t").containsEntry("record", null);
	}

	@Test
	void aDatabaseMayBeLockedInstead() throws Exception {
		String role = this.roles.application();
		this.database.execute("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()));
		assertThatThrownBy(this.roles::connect)
			.hasMessageContaining("permission denied for database \"%s\"".formatted(this.database.name()));
		String look = page().section("A role is locked out").nextSql("shop", role);
		assertThat(only(rows("postgres", look))).containsEntry("rolcanlogin", "t").containsEntry("may_connect", "f");
	}

	@Test
	void aMigrationFailedHalfWay(CapturedOutput output) throws Exception {
		Section section = section("A migration failed half-way");
		this.migrations.file("V2__b.sql", "INSERT INTO a VALUES (1), (1); CREATE TABLE b (id int); SELECT 1 / 0");
		assertExitCode(1, replica());
		assertThat(output.toString()).containsPattern(section.nextLog());
		String failed = section.nextSql();
		assertThat(rows("postgres", failed)).isEmpty();
		this.migrations.file("V2__b.sql", "INSERT INTO a VALUES (1), (1)");
		this.migrations.file("V3__c.sql", "CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)");
		assertExitCode(1, replica());
		assertExitCode(1, replica());
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(only(rows("postgres", failed))).containsEntry("version", "3").containsEntry("script", "V3__c.sql");
		String invalid = section.nextSql();
		assertThat(only(rows(this.operator, invalid))).containsEntry("index", "a_id").containsEntry("on_table", "a");
		assertThat(only(rows(this.anybody, invalid))).containsEntry("index", "a_id");
		this.database.execute(section.nextSql("shop_index", "a_id"), section.nextSql());
		assertThat(rows(this.operator, invalid)).isEmpty();
		this.database.execute("TRUNCATE a");
		assertThat(replica().startAndStop().migrations()).isOne();
		assertThat(this.database.history()).containsExactly("1", "2", "3");
	}

	@Test
	void anIndexThatIsBeingBuiltIsNotShownAsALeftOver() throws Exception {
		this.database.execute("CREATE TABLE a (id int)");
		Section section = page().section("A migration failed half-way");
		section.nextSql();
		String invalid = section.nextSql();
		try (Connection writer = this.database.inTransaction("INSERT INTO a VALUES (1)")) {
			Background<Boolean> building = Background.start(() -> {
				this.database.execute("CREATE INDEX CONCURRENTLY a_id ON a (id)");
				return true;
			});
			this.database.awaitBlockedBy(writer);
			assertThat(rows(this.operator, invalid)).isEmpty();
			assertThat(only(rows(this.anybody, invalid))).containsEntry("index", "a_id");
			writer.rollback();
			building.result();
		}
	}

	@Test
	void aKilledProcessMayLeaveAnIndexThatIsCompleteWithoutARow() throws Exception {
		replica().startAndStop();
		this.migrations.file("V2__b.sql", "CREATE INDEX CONCURRENTLY a_id ON a (id)");
		try (Connection writer = this.database.inTransaction("INSERT INTO a VALUES (1)")) {
			try (ReplicaProcess process = ReplicaProcess.start(replica())) {
				this.database.awaitBlockedBy(writer);
				process.kill();
			}
			writer.rollback();
		}
		await().until(() -> !this.database
			.list("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('a_id') " + "AND indisvalid")
			.isEmpty());
		assertThat(this.database.history()).containsExactly("1");
		assertThat(catchThrowable(replica()::startAndStop)).rootCause().hasMessageContaining("already exists");
		assertThat(this.database.list("SELECT version FROM flyway_schema_history WHERE NOT success"))
			.containsExactly("2");
	}

	@Test
	void aMigrationIsBlocked(CapturedOutput output) throws Exception {
		Section section = section("A migration is blocked");
		replica().startAndStop();
		this.migrations.file("V2__b.sql", "ALTER TABLE a ADD name text");
		try (Connection idle = this.database.inTransaction("SELECT * FROM a")) {
			assertExitCode(1, replica().with("headlock.ddl.lock-timeout", "3s").with("headlock.ddl.max-attempts", 1));
			assertThat(output.toString()).containsPattern(section.nextLog());
			Background<MigrationReport> start = Background.start(replica()::startAndStop);
			String migration = this.database.awaitBlockedBy(idle);
			assertThat(only(rows(this.operator, section.nextSql()))).containsEntry("waiting", migration)
				.containsEntry("state", "idle in transaction");
			idle.rollback();
			assertThat(start.result().migrations()).isOne();
		}
	}

	@Test
	void anUpgradeIsRefused(CapturedOutput output) throws Exception {
		Section section = section("An upgrade is refused");
		this.migrations.file("V9__i.sql", "SELECT 1");
		this.migrations.file("V10.1__j.sql", "SELECT 1");
		replica().startAndStop();
		this.migrations.file("V20240101120000__k.sql", "SELECT 1");
		assertExitCode(11, replica().with("headlock.minimum-schema-version", "20240101120000"));
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(only(rows("postgres", section.nextSql()))).containsEntry("version", "10.1");

		this.database.execute("GRANT ALL ON flyway_schema_history TO " + this.roles.migrator(),
				"ALTER TABLE flyway_schema_history ENABLE ROW LEVEL SECURITY");
		assertExitCode(11, migrating());
		assertThat(output.toString()).containsPattern(section.nextLog("shop_migrator", this.roles.migrator()));
	}

	@Test
	void sessionsDoNotDrain(CapturedOutput output) throws Exception {
		Section section = section("Sessions do not drain");
		String role = this.roles.application();
		try (Connection session = this.roles.connect()) {
			assertExitCode(12, blocking().with("headlock.terminate-db-sessions", false)
				.with("headlock.sessions.drain-timeout", "1s"));
			assertThat(output.toString()).containsPattern(section.nextLog("shop", role));
			String look = section.nextSql("shop", role);
			assertThat(only(rows(this.operator, look))).containsEntry("application_name", "shop")
				.containsEntry("state", "idle");
			assertThat(only(rows(this.anybody, look))).containsEntry("application_name", "shop")
				.containsEntry("state", null)
				.containsEntry("client_addr", null);
			session.setAutoCommit(false);
			try (Statement statement = session.createStatement()) {
				statement.execute("SELECT 1");
				statement.execute("PREPARE TRANSACTION '%s'".formatted(role));
			}
		}
		assertExitCode(12, blocking());
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(only(rows(this.anybody, section.nextSql()))).containsEntry("gid", role).containsEntry("owner", role);
		this.database.execute(section.nextSql("shop_transaction", role));
		assertThat(blocking().startAndStop().migrations()).isOne();
	}

	@Test
	void schemaBehind(CapturedOutput output) throws Exception {
		Section section = section("Schema behind");
		replica().startAndStop();
		this.migrations.file("V3__c.sql", "CREATE TABLE c (id int)");
		Replica skipping = replica().with("headlock.skip-migrations", true);
		assertExitCode(13, skipping.with("headlock.on-schema-behind", "fail"));
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(skipping.with("headlock.on-schema-behind", "report").startAndStop().outcome())
			.isEqualTo(MigrationOutcome.SKIPPED);
		assertThat(output.toString()).containsPattern(section.nextLog());
		String look = section.nextSql();
		assertThat(rows("postgres", look)).isEmpty();
		replica().startAndStop();
		assertThat(only(rows("postgres", look))).containsEntry("success", "t");
		this.migrations.file("V3__c.sql", "CREATE TABLE other (id int)");
		assertThat(skipping.startAndStop().status().reason()).contains("is not the one that was applied");
		this.migrations.delete("V3__c.sql");
		assertExitCode(13, replica().with("headlock.on-schema-ahead", "fail"));
		assertThat(output.toString()).containsPattern(section.nextLog());
	}

}
