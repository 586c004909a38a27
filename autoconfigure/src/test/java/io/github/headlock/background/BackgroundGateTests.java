package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.upgrade.UpgradeRefusedException;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Migrations that require a background migration, which is finished, or not needed.
 */
@Tag("every-postgresql")
@Tag("every-version")
class BackgroundGateTests {

	private final TestDatabase database = TestDatabase.create();

	private final HeadlockLog log = HeadlockLog.open();

	private final Releases releases;

	BackgroundGateTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
	}

	@BeforeEach
	void installTheFirstRelease() {
		this.releases.idle().startAndStop();
		this.releases.insert(1, 3_000);
	}

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	@Test
	void whatIsNotFinishedIsFinishedAtTheGate() {
		this.releases.second().idle().startAndStop();
		assertThat(this.releases.state()).isEqualTo("running");
		MigrationReport report = this.releases.third().idle().startAndStop();
		assertThat(report.migrations()).isOne();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
		assertThat(this.releases.state()).isEqualTo("finished");
		assertThat(this.database.advisoryLocks()).isZero();
		assertThat(this.log.messages()).anyMatch((line) -> line.equals(
				"V3__enforce.sql requires the background migration \"backfill\"; finishing it, for at most 60.0 s"));
	}

	@Test
	void whoSkipsAReleaseHasItFinishedOnTheWay() {
		assertThat(this.releases.third().idle().startAndStop().migrations()).isEqualTo(2);
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
		assertThat(this.releases.state()).isEqualTo("finished");
	}

	@Test
	void inOneTransactionItIsFinishedBefore() {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V4__more.sql", "CREATE TABLE more (id int)");
		assertThat(this.releases.idle().with("spring.flyway.group", true).startAndStop().migrations()).isEqualTo(2);
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void itLooksAtTheRowsOnceMoreBeforeTheMigration() throws Exception {
		this.releases.second().idle().startAndStop();
		this.releases.third();
		this.releases.migrations.rename("V3__enforce.sql", "V4__enforce.sql");
		this.releases.migrations.file("V3__wait.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(this.releases.idle()::startAndStop);
			this.database.awaitMigrationAtTheGate();
			assertThat(this.releases.state()).isEqualTo("finished");
			this.releases.insert(5_001, 5_100);
			gate.rollback();
			assertThat(start.result().migrations()).isEqualTo(2);
		}
		assertThat(this.releases.count("times = 1")).isEqualTo(3_100);
		assertThat(this.releases.state()).isEqualTo("finished");
	}

	@Test
	void whatWasFinishedAndHasNewRowsIsFinishedAgain() {
		this.releases.second().idle().startAndStop();
		this.releases.third();
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'finished'");
		this.releases.idle().startAndStop();
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
	}

	/** {@code since} is not the version of any migration. */
	@Test
	void whatIsNotRunnableBeforeTheUpgradeIsFinishedInItsMiddle() {
		this.releases.third().background.file("backfill.sql", Releases.BACKFILL.replace("since = 2", "since = 2.5"));
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void whatItNeedsMayBeAppliedOutOfOrder() {
		this.releases.migrations.file("V2.9__later.sql", "SELECT 1");
		this.releases.idle().startAndStop();
		this.releases.third().idle().with("spring.flyway.out-of-order", true).startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2.9", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void whatFlywayDoesNotApplyIsNotGated() {
		this.releases.second().idle().startAndStop();
		this.releases.third()
			.idle()
			.with("spring.flyway.target", 2)
			.with("headlock.background.finalize-within", 0)
			.with("headlock.fast-path", "off")
			.startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2");
	}

	@Test
	void twoMigrationsMayRequireTheSame() {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V4__more.sql", "-- Headlock: requires background backfill\nSELECT 1");
		assertThat(this.releases.idle().startAndStop().migrations()).isEqualTo(2);
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void oneMayBeSkippedInAnEmergency() {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V3__enforce.sql",
				Releases.ENFORCE.lines().findFirst().orElseThrow() + "\nCREATE TABLE other (id int);");
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'skipped'");
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.log.messages()).anyMatch((line) -> line.contains("was set to skipped; it may not be finished"));
	}

	@Test
	void theSettingSkipsOne() {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V3__enforce.sql",
				Releases.ENFORCE.lines().findFirst().orElseThrow() + "\nCREATE TABLE other (id int);");
		this.releases.idle()
			.with("headlock.background.finalize-within", 0)
			.with("headlock.background.skip", "backfill")
			.startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.log.messages())
			.anyMatch((line) -> line.startsWith("SKIPPING the background migration \"backfill\""));
	}

	@Test
	void aLockedRowIsWaitedForAndItsHolderNamed() throws Exception {
		this.releases.second().idle().startAndStop();
		this.releases.third();
		try (Connection other = this.database.inTransaction("SET application_name = 'the other'",
				"UPDATE customer SET last_name = 'x' WHERE id = 7")) {
			assertThat(Releases.refusal(this.releases.idle().with("headlock.background.finalize-within", "3s")))
				.hasMessageContaining("rows of the table may be locked by")
				.hasMessageContaining("application \"the other\"");
			assertThat(this.releases.count("times = 1")).isEqualTo(2_999);
			Background<MigrationReport> start = Background.start(this.releases.idle()::startAndStop);
			this.database.awaitBlockedBy(other);
			other.rollback();
			assertThat(start.result().migrations()).isOne();
		}
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void rowsWrittenBetweenLookAndMigrationReopenIt() throws Exception {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V3__enforce.sql", """
				-- headlock: requires background backfill
				SELECT pg_advisory_xact_lock(1, 1);
				ALTER TABLE customer ALTER COLUMN full_name SET NOT NULL;
				""");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(this.releases.idle()::startAndStop);
			this.database.awaitMigrationAtTheGate();
			assertThat(this.releases.state()).isEqualTo("finished");
			this.releases.insert(9_000, 9_000);
			gate.rollback();
			assertThat(start.failure()).hasStackTraceContaining("contains null values");
		}
		assertThat(this.releases.state()).isEqualTo("running");
		assertThat(this.releases.versions()).containsExactly("1", "2");
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
	}

	/** Where Headlock lists the migrations itself. */
	@Test
	void migrationsOnTheClassPathAreGated() {
		TestDatabase other = TestDatabase.create();
		Replica replica = Replica.of(other.url(), "requirement/migration")
			.with("headlock.background.locations", "classpath:db/requirement/background")
			.with("headlock.background.run", "never");
		Flyway.configure()
			.dataSource(other.url(), "postgres", "")
			.locations("classpath:db/requirement/migration")
			.target("2")
			.load()
			.migrate();
		Releases.refusal(replica.with("headlock.background.finalize-within", 0));
		assertThat(other.value("SELECT max(version) FROM flyway_schema_history")).isEqualTo("2");
		replica.with("headlock.background.finalize-within", "1m").startAndStop();
		assertThat(other.value("SELECT count(*) FROM customer WHERE times = 1")).isEqualTo("100");
		assertThat(other.value("SELECT max(version) FROM flyway_schema_history")).isEqualTo("3");
		assertThat(this.log.messages()).anyMatch(
				(line) -> line.contains("of_something_else.sql") && line.contains("is not a background migration"));
	}

	/** As when the history is kept in another schema from now on. */
	@Test
	void aNewHistoryOverRowsThatAreThereIsGated() {
		this.releases.third().migrations.file("V1__customer.sql", "CREATE TABLE IF NOT EXISTS public.customer ();");
		this.releases.migrations.file("V2__full_name.sql", "ALTER TABLE public.customer ADD COLUMN full_name text;");
		this.releases.migrations.file("V3__enforce.sql", Releases.ENFORCE.replace("customer", "public.customer"));
		Replica moved = this.releases.idle().with("spring.flyway.default-schema", "moved");
		UpgradeRefusedException refusal = Releases.refusal(moved.with("headlock.background.finalize-within", "0s"));
		assertThat(refusal).hasMessageContaining("from version (none) to version 3");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace('moved')"))
			.isEmpty();
		moved.with("headlock.background.finalize-within", "1m").startAndStop();
		assertThat(this.database.list("SELECT version FROM moved.flyway_schema_history WHERE version IS NOT NULL"))
			.containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void aBaselineOverRowsThatAreThereIsGated() {
		this.database.execute("DROP TABLE flyway_schema_history");
		this.releases.third().idle().with("spring.flyway.baseline-on-migrate", true).startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void anEmptyDatabaseIsNotGated() {
		TestDatabase empty = TestDatabase.create();
		this.releases.third();
		this.releases.idle().with("spring.datasource.url", empty.url()).startAndStop();
		assertThat(empty.list("SELECT version FROM flyway_schema_history ORDER BY installed_rank")).containsExactly("1",
				"2", "3");
		assertThat(empty.value("SELECT state FROM flyway_schema_history_background")).isEqualTo("running");
	}

	@Test
	void aRunningReplicaFinishesIt() {
		this.releases.second();
		try (var context = this.releases.replica().start()) {
			await().until(() -> this.releases.count("times = 1") == 3_000);
			assertThat(context.isActive()).isTrue();
		}
		assertThat(this.releases.third().idle().startAndStop().migrations()).isOne();
	}

}
