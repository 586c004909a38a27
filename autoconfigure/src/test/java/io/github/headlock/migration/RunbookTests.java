package io.github.headlock.migration;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.headlock.HeadlockException;
import io.github.headlock.Outcome;
import io.github.headlock.StartReport;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.DocumentationPage.Section;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestMigrations;
import io.github.headlock.test.TestRoles;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Every SQL statement and every log line of the runbook, each in the situation that it is
 * for.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class RunbookTests {

	private static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	/** As the runbook asks for. */
	private final String operator = "operator_" + this.database.name();

	/** Without any privilege. */
	private final String anybody = "anybody_" + this.database.name();

	private final TestMigrations migrations;

	private @Nullable Section section;

	RunbookTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.database.execute("CREATE ROLE %s LOGIN IN ROLE pg_read_all_stats".formatted(this.operator),
				"CREATE ROLE %s LOGIN".formatted(this.anybody));
	}

	@AfterEach
	void nothingOfTheSectionIsUntested() {
		if (this.section != null) {
			assertThat(this.section.rest()).isEmpty();
		}
	}

	@Test
	void everySectionHasATest() {
		assertThat(page().titles()).containsExactly("A rollout hangs", "Who holds the lock", "The lock timed out",
				"A role is locked out", "A migration failed half-way", "An upgrade is refused", "Sessions do not drain",
				"Schema behind", "The lock was lost");
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
			Background<StartReport> migrating = Background.start(() -> replica().startAndStop());
			String migration = this.database.awaitHeadlockBlockedBy(inTheWay);
			Background<StartReport> waiting = Background.start(() -> replica().startAndStop());
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
		Background<StartReport> migrating = Background.start(() -> replica().startAndStop());
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
			Background<StartReport> migrating = Background.start(() -> replica().startAndStop());
			this.database.awaitMigrationAtTheGate();
			Background<StartReport> waiting = Background.start(() -> replica().startAndStop());
			awaitLine(output, section.nextLog());
			Map<String, String> seen = only(rows(this.operator, look));
			assertThat(seen.get("application_name")).startsWith("headlock ");
			assertThat(seen.get("client_addr")).isNotNull();
			assertThat(seen.get("xact_start")).isNotNull();
			assertThat(output).contains("it is held by pid " + seen.get("pid"));
			assertThat(only(rows(this.anybody, look))).containsEntry("pid", seen.get("pid"))
				.containsEntry("application_name", seen.get("application_name"))
				.containsEntry("client_addr", null)
				.containsEntry("xact_start", null);
			gate.rollback();
			migrating.result();
			waiting.result();
		}
	}

	@Test
	void flywaysKeysBeginWithOneOfTwoNumbers() {
		for (int i = 0; i < 1000; i++) {
			assertThat(new HistoryTable("schema_" + i, "history_" + 31 * i).lockKey() >>> 32).isIn(18027L, 18028L);
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
			await().until(() -> this.database.list("SELECT 1 FROM pg_index WHERE NOT indisvalid").size() == 1);
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
				this.database.awaitHeadlockBlockedBy(writer);
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
	void anUpgradeIsRefused(CapturedOutput output) throws Exception {
		Section section = section("An upgrade is refused");
		this.migrations.file("V9__i.sql", "SELECT 1");
		this.migrations.file("V10.1__j.sql", "SELECT 1");
		replica().startAndStop();
		this.migrations.file("V20240101120000__k.sql", "SELECT 1");
		assertExitCode(11, replica().with("headlock.minimum-schema-version", "20240101120000"));
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(only(rows("postgres", section.nextSql()))).containsEntry("version", "10.1");
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
			.isEqualTo(Outcome.SKIPPED);
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

	@Test
	void theLockWasLost(CapturedOutput output) throws Exception {
		Section section = section("The lock was lost");
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		this.migrations.file("V3__c.sql", "CREATE TABLE c (id int)");
		Section holder = page().section("Who holds the lock");
		String look = holder.nextSql();
		try (Connection gate = this.database.gate()) {
			Background<StartReport> start = Background.start(() -> replica().startAndStop());
			this.database.awaitMigrationAtTheGate();
			String pid = String.valueOf(only(rows(this.operator, look)).get("pid"));
			this.database.value("SELECT pg_terminate_backend(?::int)", pid);
			await().until(() -> rows(this.operator, look).isEmpty());
			gate.rollback();
			assertThat(exitCode(start.failure())).isEqualTo(14);
		}
		assertThat(output.toString()).containsPattern(section.nextLog());
		assertThat(this.database.history()).containsExactly("1", "2");
		assertThat(only(rows(this.anybody, section.nextSql()))).containsEntry("pg_is_in_recovery", "f")
			.hasEntrySatisfying("pg_postmaster_start_time", (time) -> assertThat(time).isNotNull());
		assertThat(replica().startAndStop().migrations()).isOne();
	}

	private static DocumentationPage page() {
		return DocumentationPage.read("runbook.md");
	}

	private Section section(String title) {
		this.section = page().section(title);
		return this.section;
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	/** A replica that migrates with a role of its own. */
	private Replica migrating() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	/** The same, which keeps the application's role out meanwhile. */
	private Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private static void awaitLine(CapturedOutput output, Pattern line) {
		await().until(() -> line.matcher(output).find());
	}

	private static void assertExitCode(int code, Replica replica) {
		Throwable failure = catchThrowable(replica::startAndStop);
		assertThat(failure).isNotNull();
		assertThat(exitCode(failure)).isEqualTo(code);
	}

	/** As Spring Boot finds it: any exception without a code of its own gives 1. */
	private static int exitCode(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof HeadlockException ours) {
				return ours.getExitCode();
			}
		}
		return 1;
	}

	private static Map<String, String> only(List<Map<String, String>> rows) {
		assertThat(rows).hasSize(1);
		return rows.get(0);
	}

	/** What a role sees. */
	private List<Map<String, String>> rows(String role, String sql) throws SQLException {
		List<Map<String, String>> rows = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection(this.database.url(), role, "");
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				Map<String, String> columns = new LinkedHashMap<>();
				for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
					columns.put(row.getMetaData().getColumnLabel(i), row.getString(i));
				}
				rows.add(columns);
			}
		}
		return rows;
	}

}
