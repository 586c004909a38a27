package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.WaitingCommits;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Roles that are blocked and restored where a COMMIT takes longer than Headlock waits for
 * an answer, as it does without its synchronous standby.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class StandbyCommitTests {

	private final WaitingCommits server = new WaitingCommits();

	private final TestDatabase database = this.server.database();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	StandbyCommitTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void migrateToTheFirstVersion() {
		replica().startAndStop();
		this.migrations.file("V2__b.sql", "SET LOCAL synchronous_commit = local; SELECT pg_advisory_xact_lock(1, 1)");
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void theBlockWaitsForNoStandby(CapturedOutput output) throws Exception {
		this.server.loseStandby();
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking().startAndStop());
			await().until(() -> start.isDone() || isAtTheGate());
			assertThat(start.isDone()).isFalse();
			assertThat(this.roles.canLogIn()).isFalse();
			assertThat(this.roles.isRecorded()).isTrue();
			this.server.findStandby();
			gate.rollback();
			assertThat(start.result().migrations()).isOne();
		}
		assertLoginRestored();
		assertThat(output).doesNotContain("waited for a synchronous standby");
	}

	private boolean isAtTheGate() {
		return !this.database.list("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").isEmpty();
	}

	@Test
	void theRestoreDoesNotWaitForAStandbyForLongAndSaysSo(CapturedOutput output) throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking().startAndStop());
			this.database.awaitMigrationAtTheGate();
			this.server.loseStandby();
			gate.rollback();
			assertThat(start.result().migrations()).isOne();
		}
		assertThat(output).contains("waited for a synchronous standby for more than 5.0 s", "is restored")
			.doesNotContain("could not be restored");
		assertLoginRestored();
	}

	@Test
	void theRestoreWaitsForTheStandbyThatIsThereInTime(CapturedOutput output) throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking().startAndStop());
			this.database.awaitMigrationAtTheGate();
			this.server.loseStandby();
			gate.rollback();
			await().until(() -> !this.server.waiting().isEmpty());
			assertThat(start.isDone()).isFalse();
			this.server.findStandby();
			assertThat(start.result().migrations()).isOne();
		}
		assertThat(output).doesNotContain("waited for a synchronous standby");
		assertLoginRestored();
	}

	@Test
	void aBlockWithoutAnAnswerIsNotMadeLater() throws Exception {
		stallTheBlock("PERFORM pg_sleep(30)");
		assertThat(Background.start(() -> blocking().startAndStop()).failure())
			.hasStackTraceContaining("The application's roles cannot be blocked: An I/O error occurred");
		await()
			.until(() -> this.database.list("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").isEmpty());
		assertLoginRestored();
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void aBlockWhoseAnswerComesTooLateIsUndone() throws Exception {
		// the wait can only be ended with the session
		this.database.execute("REVOKE EXECUTE ON FUNCTION pg_cancel_backend(int) FROM PUBLIC");
		stallTheBlock("PERFORM set_config('synchronous_commit', 'on', true)");
		this.server.loseStandby();
		assertThat(Background.start(() -> blocking().startAndStop()).failure())
			.hasStackTraceContaining("The application's roles cannot be blocked: An I/O error occurred");
		assertThat(this.server.waiting()).isEmpty();
		assertLoginRestored();
		assertThat(this.database.history()).containsExactly("1");
	}

	/** Does something in the middle of the COMMIT that blocks the roles. */
	private void stallTheBlock(String statement) {
		List.of("CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; RETURN NULL; END $$"
			.formatted(statement),
				"""
						CREATE FUNCTION add_stall() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
						IF to_regclass('public.flyway_schema_history_blocked_roles') IS NOT NULL AND tg_tag = 'CREATE TABLE' THEN
						CREATE CONSTRAINT TRIGGER stall AFTER INSERT ON public.flyway_schema_history_blocked_roles
						DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.stall();
						END IF; END $$""",
				"CREATE EVENT TRIGGER add_stall ON ddl_command_end EXECUTE FUNCTION add_stall()")
			.forEach(this.database::execute);
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private void assertLoginRestored() throws Exception {
		this.roles.connect().close();
		assertThat(this.roles.isRecorded()).isFalse();
	}

}
