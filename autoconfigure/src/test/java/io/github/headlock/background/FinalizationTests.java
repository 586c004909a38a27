package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.headlock.MigrationReport;
import io.github.headlock.roles.RolesNotBlockableException;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.upgrade.UpgradeRefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Background migrations that are finished at the gate while others write, or when the
 * process is told to end, and what a process leaves that was killed meanwhile.
 */
class FinalizationTests {

	private final TestDatabase database = TestDatabase.create();

	private final HeadlockLog log = HeadlockLog.open();

	private final Releases releases;

	FinalizationTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder);
	}

	@BeforeEach
	void installTheFirstTwoReleases() {
		this.releases.idle().startAndStop();
		this.releases.insert(1, 3_000);
		this.releases.second().idle().startAndStop();
		this.releases.third();
	}

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	private String refusal(Replica replica) {
		Throwable failure = NestedExceptionUtils.getMostSpecificCause(catchThrowable(replica::startAndStop));
		assertThat(failure).isInstanceOf(UpgradeRefusedException.class);
		return String.valueOf(failure.getMessage());
	}

	private int passEnds() {
		return (int) this.log.messages().stream().filter((line) -> line.contains("another one begins")).count();
	}

	private int pass() {
		return Integer.parseInt(this.database.value("SELECT pass FROM flyway_schema_history_background"));
	}

	/** Inserts rows one by one, as pods of a release do that does not know the column. */
	private Background<Integer> insertUntil(AtomicBoolean stopped) {
		return Background.start(() -> {
			int row = 10_000;
			while (!stopped.get()) {
				row++;
				this.releases.insert(row, row);
			}
			return row;
		});
	}

	@Test
	void whoeverKeepsWritingFillsNoLog() throws Exception {
		AtomicBoolean stopped = new AtomicBoolean();
		Background<Integer> writer = insertUntil(stopped);
		try (Connection other = this.database.inTransaction("SET application_name = 'the other'",
				"UPDATE customer SET last_name = 'x' WHERE id = 7")) {
			assertThat(refusal(this.releases.idle().with("headlock.background.finalize-within", "3s")))
				.contains("something still writes rows in the old form");
		}
		finally {
			stopped.set(true);
			writer.result();
		}
		assertThat(passEnds()).isOne();
		assertThat(pass()).isLessThan(30);
	}

	@Test
	void nobodyWaitsBetweenPassesWithNothingInTheWay() {
		this.releases.idle().startAndStop();
		assertThat(pass()).isEqualTo(2);
		assertThat(passEnds()).isOne();
	}

	@Test
	void whatWasFinishedRunsAgainWhenItIsGivenBack() throws Exception {
		String hash = this.database.value("SELECT definition_hash FROM flyway_schema_history_background");
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'finished'");
		this.releases.third().background.file("backfill.sql", Releases.BACKFILL.replace("' '", "'-'"));
		try (Connection other = this.database.inTransaction("UPDATE customer SET last_name = 'x' WHERE id = 7")) {
			refusal(this.releases.idle().with("headlock.background.finalize-within", "2s"));
		}
		assertThat(this.database.value("SELECT definition_hash FROM flyway_schema_history_background")).isEqualTo(hash);
		assertThat(this.releases.state()).isEqualTo("running");
	}

	/**
	 * So that it goes on with it when the operator says so, and not ten minutes later.
	 */
	@Test
	void whatAnOperatorPausesMeanwhileIsGivenBackAsWell() throws Exception {
		String hash = this.database.value("SELECT definition_hash FROM flyway_schema_history_background");
		this.releases.background.file("backfill.sql", Releases.BACKFILL.replace("' '", "'-'"));
		try (Connection other = this.database.inTransaction("UPDATE customer SET last_name = 'x' WHERE id = 7")) {
			Background<String> start = Background.start(() -> refusal(this.releases.idle()));
			await().until(() -> this.releases.state().equals("finalizing"));
			this.database.execute("UPDATE flyway_schema_history_background SET state = 'paused', full_speed = false");
			assertThat(start.result()).contains("paused");
		}
		assertThat(this.database.value("SELECT definition_hash FROM flyway_schema_history_background")).isEqualTo(hash);
		assertThat(this.releases.state()).isEqualTo("paused");
	}

	@Test
	void nobodyWaitsForALaterReleaseThatWorksOnAnotherText() {
		this.database.execute("UPDATE flyway_schema_history_background SET definition_hash = 'another', "
				+ "release_head = '9', updated_at = now(), updated_by = 'headlock later'");
		assertThat(refusal(this.releases.idle())).contains("\"backfill\": another release, with schema version 9, "
				+ "works on it with another text, last \"headlock later\"");
		assertThat(this.log.messages()).noneMatch((line) -> line.contains("finishing it"));
	}

	/** As a server says it that ends, of a row that was waited for. */
	@Test
	void aTriggerThatFailsAsALostConnectionIsNotTakenForOne() throws Exception {
		this.database.execute("""
				CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id = 7 THEN
				RAISE EXCEPTION 'no' USING ERRCODE = '57P01'; END IF; RETURN NEW; END $$
				""", "CREATE TRIGGER trouble BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION trouble()");
		try (Connection other = this.database.inTransaction("SELECT FROM customer WHERE id = 7 FOR UPDATE")) {
			Background<String> start = Background.start(() -> refusal(this.releases.idle()));
			this.database.awaitBlockedBy(other);
			other.rollback();
			assertThat(start.result()).contains("failed: 1 rows have failed", "no (SQLSTATE 57P01)");
		}
		assertThat(this.releases.count("times = 1")).isEqualTo(2_999);
	}

	/** Both the statement of a batch and the look that comes before it. */
	@ParameterizedTest
	@ValueSource(strings = { "running", "finished" })
	void aProcessThatIsToldToEndCancelsItsStatement(String state) throws Exception {
		this.releases.background.file("backfill.sql", """
				-- headlock: table = customer
				-- headlock: since = 2
				-- headlock: where = full_name IS NULL AND (state() = 'running' OR pg_sleep(300) IS NULL)
				UPDATE customer SET full_name = (SELECT 'x' FROM pg_sleep(300)) WHERE ${batch}
				""");
		this.database.execute(
				"""
						CREATE FUNCTION state() RETURNS text LANGUAGE sql AS
						'SELECT CASE state WHEN ''finished'' THEN state ELSE ''running'' END FROM flyway_schema_history_background'
						""",
				"UPDATE flyway_schema_history_background SET state = '%s'".formatted(state));
		String sleepers = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
				+ "AND wait_event = 'PgSleep'";
		String hash = this.database.value("SELECT definition_hash FROM flyway_schema_history_background");
		try (ReplicaProcess process = ReplicaProcess
			.start(this.releases.idle().with("headlock.background.batch-timeout", "10m"))) {
			await().atMost(Duration.ofMinutes(3)).until(() -> !this.database.list(sleepers).isEmpty());
			process.terminate();
			assertThat(process.endsWithin(Duration.ofSeconds(10))).as(process::output).isTrue();
			assertThat(process.exitCode()).isEqualTo(128 + 15);
			assertThat(process.output()).contains("Shutdown requested; cancelled while ");
		}
		assertThat(this.releases.state()).isEqualTo(state);
		assertThat(this.database.value("SELECT definition_hash FROM flyway_schema_history_background")).isEqualTo(hash);
		assertThat(this.database.list(sleepers)).isEmpty();
		assertThat(this.database.advisoryLocks()).isZero();
	}

	/** What is finished at a gate, other processes work on while the lock is held. */
	@Test
	void whatAKilledProcessWasToFinishIsNotWorkedOnDuringAnotherMigration() throws Exception {
		this.releases.migrations.file("V3__enforce.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		this.database.execute("UPDATE flyway_schema_history_background SET state = 'finalizing'");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(this.releases.idle()::startAndStop);
			this.database.awaitMigrationAtTheGate();
			assertThat(this.releases.state()).isEqualTo("running");
			gate.rollback();
			assertThat(start.result().migrations()).isOne();
		}
	}

	@Test
	void rolesThatCannotBeBlockedAreRefusedBeforeAnythingIsFinished() {
		assertThat(NestedExceptionUtils.getMostSpecificCause(
				catchThrowable(this.releases.idle().with("headlock.sessions.roles", "postgres")::startAndStop)))
			.isInstanceOf(RolesNotBlockableException.class);
		assertThat(this.releases.count("full_name IS NOT NULL")).isZero();
	}

	@Test
	void theNameOfNoneIsNotSkipped() {
		assertThat(NestedExceptionUtils.getMostSpecificCause(
				catchThrowable(this.releases.idle().with("headlock.background.skip", "backfil")::startAndStop)))
			.isInstanceOf(InvalidConfigurationPropertyValueException.class)
			.hasMessageContaining("headlock.background.skip")
			.hasMessageContaining("backfil")
			.hasStackTraceContaining(
					"neither declares nor requires a background migration of this name, but backfill.");
		assertThat(this.releases.versions()).containsExactly("1", "2");
	}

	/** Who has skipped one may leave the setting until the next release. */
	@Test
	void theNameOfOneThatWasRequiredOnceMayStay() {
		this.releases.idle().startAndStop();
		this.releases.background.delete("backfill.sql");
		this.releases.migrations.file("V4__more.sql", "CREATE TABLE more (id int)");
		this.releases.idle().with("headlock.background.skip", "backfill").startAndStop();
		assertThat(this.releases.versions()).containsExactly("1", "2", "3", "4");
	}

}
