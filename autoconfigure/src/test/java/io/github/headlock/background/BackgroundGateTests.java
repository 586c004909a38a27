package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.upgrade.UpgradeRefusedException;
import io.github.headlock.upgrade.UpgradeRefusedException.Rule;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Migrations that require a background migration.
 */
@Tag("every-postgresql")
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

	private static UpgradeRefusedException refusal(Replica replica) {
		Throwable failure = NestedExceptionUtils.getMostSpecificCause(catchThrowable(replica::startAndStop));
		assertThat(failure).isInstanceOf(UpgradeRefusedException.class);
		UpgradeRefusedException refusal = (UpgradeRefusedException) failure;
		assertThat(refusal.getExitCode()).isEqualTo(11);
		assertThat(refusal.getViolations()).allMatch((violation) -> violation.rule() == Rule.BACKGROUND);
		return refusal;
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
	void whatMayNotBeFinishedAtTheGateIsRefused() {
		this.releases.second().idle().startAndStop();
		UpgradeRefusedException refusal = refusal(
				this.releases.third().idle().with("headlock.background.finalize-within", 0));
		assertThat(refusal)
			.hasMessageMatching("This release must not upgrade schema \"public\" from version 2 to version 3:\n"
					+ "  - V3__enforce.sql requires the background migration \"backfill\": running, 0 rows seen; "
					+ "last batch \\d+ s ago by \"headlock .*\"");
		assertThat(refusal.getDescription())
			.endsWith("\nNothing was changed: the release that ran until now can go on, and goes on with it.");
		assertThat(refusal.getAction()).startsWith("Let it finish (SELECT * FROM "
				+ "\"public\".\"flyway_schema_history_background\"), then install this release; or finish it first, "
				+ "under the migration lock, by starting this release once with headlock.background.finalize-within=");
		assertThat(this.releases.versions()).containsExactly("1", "2");
		assertThat(this.releases.count("full_name IS NOT NULL")).isZero();
	}

	@Test
	void whoSkipsAReleaseHasItFinishedOnTheWay() {
		assertThat(this.releases.third().idle().startAndStop().migrations()).isEqualTo(2);
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
		assertThat(this.releases.state()).isEqualTo("finished");
	}

	@Test
	void whoSkipsAReleaseIsRefusedBeforeAnythingIsDone() {
		this.database.execute("ANALYZE customer");
		refusal(this.releases.third().idle().with("headlock.background.finalize-within", "10ms"));
		assertThat(this.releases.versions()).containsExactly("1");
		refusal(this.releases.idle().with("spring.flyway.group", true));
		assertThat(this.releases.versions()).containsExactly("1");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname LIKE '%background%'")).isEmpty();
	}

	@Test
	void aWrongEstimateStopsTheUpgradeInItsMiddle() {
		this.releases.third();
		this.releases.migrations.file("V2__full_name.sql", """
				ALTER TABLE customer ADD COLUMN full_name text;
				CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				PERFORM pg_sleep(0.001); RETURN NEW; END $$;
				CREATE TRIGGER slow BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION slow();
				""");
		Replica impatient = this.releases.idle().with("headlock.background.finalize-within", "1s");
		UpgradeRefusedException refusal = refusal(impatient);
		assertThat(refusal).hasMessageContaining("not finished within 1.0 s");
		assertThat(refusal.getApplied()).isOne();
		assertThat(refusal.getDescription()).contains(
				"1 migrations were applied before, up to version 2, and stay. The next start goes on from there.");
		assertThat(this.releases.versions()).containsExactly("1", "2");
		assertThat(this.releases.state()).isEqualTo("running");
		assertThat(this.releases.count("times = 1")).isPositive();
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
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
		this.releases.third().idle().with("headlock.background.skip", "backfill");
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'finished'");
		this.releases.idle().startAndStop();
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
	}

	/** Who installs the release before has it finished, without a human. */
	@Test
	void whatWasFinishedAndCannotBeFinishedAgainInTimeRunsAgain() {
		this.releases.second().idle().startAndStop();
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'finished'");
		UpgradeRefusedException refusal = refusal(
				this.releases.third().idle().with("headlock.background.finalize-within", 0));
		assertThat(refusal)
			.hasMessageEndingWith("was finished, and rows were written since that need it; it runs again");
		assertThat(this.releases.state()).isEqualTo("running");
		assertThat(this.releases.versions()).containsExactly("1", "2");
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

	/** A release that is refused takes nothing away from the one before. */
	@Test
	void theReleaseBeforeGoesOnWithItsOwnText() throws Exception {
		this.releases.second();
		this.releases.idle().startAndStop();
		String hash = this.database.value("SELECT definition_hash FROM flyway_schema_history_background");
		this.database.execute("ALTER TABLE customer ADD CHECK (full_name IS NULL OR full_name <> 'wrong')");
		this.releases.third().background.file("backfill.sql",
				Releases.BACKFILL.replace("concat_ws(' ', first_name, last_name)", "'wrong'"));
		refusal(this.releases.idle());
		assertThat(this.database.value("SELECT definition_hash FROM flyway_schema_history_background")).isEqualTo(hash);
		assertThat(this.releases.state()).isEqualTo("running");
		this.releases.background.file("backfill.sql", Releases.BACKFILL);
		this.releases.idle().startAndStop();
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void twoMigrationsMayRequireTheSame() {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V4__more.sql", "-- Headlock: requires background backfill\nSELECT 1");
		assertThat(this.releases.idle().startAndStop().migrations()).isEqualTo(2);
		assertThat(this.releases.count("times = 1")).isEqualTo(3_000);
	}

	@Test
	void whatNobodyWorksOnIsRefused() {
		this.releases.second().idle().startAndStop();
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'paused', updated_by = 'Ann'");
		UpgradeRefusedException paused = refusal(this.releases.third().idle());
		assertThat(paused).hasMessageEndingWith("\"backfill\": paused, last changed by \"Ann\"");
		assertThat(paused.getAction()).isEqualTo("Let it go on, and finish: UPDATE "
				+ "\"public\".\"flyway_schema_history_background\" SET state = 'running' WHERE name = 'backfill';");
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'failed', last_error = 'too bad'");
		UpgradeRefusedException failed = refusal(this.releases.idle());
		assertThat(failed).hasMessageEndingWith("\"backfill\": failed: too bad");
		String action = failed.getAction();
		this.database.execute(action.substring(action.indexOf("DELETE")).split("; ", -1));
		this.releases.idle().startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3");
	}

	@Test
	void whatFailsAtTheGateIsRefused() {
		this.releases.second().idle().startAndStop();
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 7 OR full_name IS NULL)");
		assertThat(refusal(this.releases.third().idle())).hasMessageContaining("failed: 1 rows have failed");
		assertThat(this.releases.state()).isEqualTo("failed");
		assertThat(this.releases.count("times = 1")).isEqualTo(2_999);
	}

	@Test
	void whatIsNotDeclaredIsRefusedAlsoIfItWasFinished() {
		this.releases.second().idle().startAndStop();
		this.releases.third().background.delete("backfill.sql");
		this.database
			.execute("UPDATE flyway_schema_history_background SET state = 'finished', updated_by = 'headlock shop'");
		UpgradeRefusedException refusal = refusal(this.releases.idle());
		assertThat(refusal)
			.hasMessageEndingWith("which this release does not declare, so that nobody can look whether it "
					+ "is finished; it was finished, last worked on by \"headlock shop\"");
		assertThat(refusal.getAction()).startsWith("Install a release that declares it, with a schema version below 3, "
				+ "such as the one with version 2, and let it finish.");
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
			assertThat(refusal(this.releases.idle().with("headlock.background.finalize-within", "3s")))
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
		refusal(replica.with("headlock.background.finalize-within", 0));
		assertThat(other.value("SELECT max(version) FROM flyway_schema_history")).isEqualTo("2");
		replica.with("headlock.background.finalize-within", "1m").startAndStop();
		assertThat(other.value("SELECT count(*) FROM customer WHERE times = 1")).isEqualTo("100");
		assertThat(other.value("SELECT max(version) FROM flyway_schema_history")).isEqualTo("3");
		assertThat(this.log.messages()).anyMatch(
				(line) -> line.contains("of_something_else.sql") && line.contains("is not a background migration"));
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

	@Test
	void aLineThatIsNotUnderstoodIsRefused() {
		this.releases.second().idle().startAndStop();
		this.releases.third().migrations.file("V3__enforce.sql", "-- headlock: require background backfill\nSELECT 1");
		assertThat(NestedExceptionUtils.getMostSpecificCause(catchThrowable(this.releases.idle()::startAndStop)))
			.isInstanceOf(InvalidBackgroundMigrationException.class)
			.hasMessageContaining("V3__enforce.sql");
		assertThat(this.releases.versions()).containsExactly("1", "2");
	}

}
