package io.github.headlock.background;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;

import io.github.headlock.background.BackgroundActionException.Reason;
import io.github.headlock.jdbc.ApplicationName;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What operators see of a background migration, and what they may do to it.
 */
class BackgroundOperationsTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private final TestDatabase database = TestDatabase.create();

	@TempDir
	private Path folder;

	private OperatedCustomers customers;

	@BeforeEach
	void createCustomers() {
		this.customers = OperatedCustomers.create(this.database, 100, this.folder);
	}

	private BackgroundActionException refusal(BackgroundAction action, String name) {
		BackgroundOperations operations = this.customers.operations();
		return catchThrowableOfType(BackgroundActionException.class, () -> operations.run(action, name, "alice"));
	}

	private BackgroundStatus run(BackgroundAction action) {
		return this.customers.operations().run(action, "backfill", "alice").migration();
	}

	@Test
	void oneThatNobodyHasBegunWithIsShown() throws Exception {
		BackgroundStatus status = this.customers.status();
		assertThat(status.state()).isEqualTo("unregistered");
		assertThat(status.since()).isEqualTo("1");
		assertThat(status.isUnfinished()).isTrue();
		assertThat(status.pass()).isNull();
	}

	@Test
	void oneThatIsWorkedOnIsShownWithItsFigures() throws Exception {
		this.customers.register();
		this.customers.fail(7);
		this.customers.set("rows_estimated = 1000, rows_seen = 1200, seen_in_pass = 200, rows_changed = 900, pass = 2, "
				+ "work_ms = 1000, held_because = E'a\\nb', last_error = 'no', updated_at = '2026-01-01Z'");
		BackgroundStatus status = this.customers.status();
		assertThat(status.state()).isEqualTo("running");
		assertThat(status.declared()).isTrue();
		assertThat(status.pass()).isEqualTo(2);
		assertThat(status.percent()).isEqualTo(20);
		assertThat(status.rowsSeen()).isEqualTo(1200);
		assertThat(status.rowsChanged()).isEqualTo(900);
		assertThat(status.rowsEstimated()).isEqualTo(1000);
		assertThat(status.rowsPerSecond()).isEqualTo(600);
		assertThat(status.timeLeft()).isEqualTo(Duration.ofSeconds(1));
		assertThat(status.heldBecause()).isEqualTo("a b");
		assertThat(status.isHeld()).isTrue();
		assertThat(status.failedRows()).isOne();
		assertThat(status.lastError()).isEqualTo("no");
		assertThat(status.updatedBy()).isEqualTo(ApplicationName.ofThisProcess());
		assertThat(status.updatedAt()).isEqualTo("2026-01-01T00:00:00Z");
		assertThat(status.finishedAt()).isNull();
		this.customers.set("state = 'paused'");
		assertThat(this.customers.status().isHeld()).isFalse();
		assertThat(this.customers.status().timeLeft()).isNull();
	}

	@Test
	void oneThatIsFinishedIsShown() throws Exception {
		this.customers.customers().run(COUNT_UP);
		BackgroundStatus status = this.customers.status();
		assertThat(status.state()).isEqualTo("finished");
		assertThat(status.percent()).isEqualTo(100);
		assertThat(status.finishedAt()).isNotNull();
		assertThat(status.isUnfinished()).isFalse();
	}

	/** As after a release that was rolled back. */
	@Test
	void oneThatOnlyTheDatabaseKnowsIsShownAndCanBePaused() throws Exception {
		this.customers.register();
		Files.delete(this.folder.resolve("backfill.sql"));
		assertThat(this.customers.status().declared()).isFalse();
		assertThat(run(BackgroundAction.PAUSE).state()).isEqualTo("paused");
		assertThat(refusal(BackgroundAction.TRY, "backfill")).hasMessageContaining("does not declare");
	}

	@Test
	void nothingIsShownWhereThereIsNone() throws Exception {
		Files.delete(this.folder.resolve("backfill.sql"));
		try (Connection connection = this.customers.customers().connect()) {
			assertThat(this.customers.operations().look(connection)).isEqualTo(BackgroundLook.NONE);
		}
	}

	@Test
	void whoMayNotReadThemIsToldWhichPrivilegeIsMissing() throws Exception {
		this.customers.register();
		String role = "reader_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(role));
		BackgroundOperations operations = this.customers.operations(role, Duration.ofSeconds(30));
		try (Connection connection = this.database.connect()) {
			connection.createStatement().execute("SET ROLE " + role);
			BackgroundLook look = operations.look(connection);
			assertThat(look.migrations()).singleElement()
				.satisfies((status) -> assertThat(status.isUnknown()).isTrue());
			assertThat(look.problem()).startsWith("The background migrations cannot be read: ");
			this.database.execute(grant(look.problem(), "GRANT SELECT ON "));
			assertThat(operations.look(connection).problem()).isNull();
		}
		BackgroundActionException refusal = catchThrowableOfType(BackgroundActionException.class,
				() -> operations.run(BackgroundAction.PAUSE, "backfill", null));
		assertThat(refusal.reason()).isEqualTo(Reason.DATABASE);
		assertThat(this.customers.status().state()).isEqualTo("running");
		this.database.execute(grant(refusal.getMessage(), "GRANT SELECT, INSERT, UPDATE, DELETE ON "));
		assertThat(operations.run(BackgroundAction.PAUSE, "backfill", null).migration().state()).isEqualTo("paused");
	}

	private static String grant(String text, String beginning) {
		assertThat(text).contains(beginning);
		return text.substring(text.indexOf(beginning));
	}

	@Test
	void aConnectionThatIsLostIsAProblemAndNoFailure() throws Exception {
		Connection connection = this.database.connect();
		connection.close();
		BackgroundLook look = this.customers.operations().look(connection);
		assertThat(look.problem())
			.isEqualTo("The background migrations cannot be read: This connection has been closed.");
		assertThat(look.migrations()).singleElement().satisfies((status) -> assertThat(status.isUnknown()).isTrue());
	}

	@Test
	void pauseStopsItAndResumeLetsItGoOn() throws Exception {
		this.customers.register();
		this.customers.set("full_speed = true, updated_at = NULL");
		try (HeadlockLog log = HeadlockLog.open()) {
			BackgroundStatus paused = run(BackgroundAction.PAUSE);
			assertThat(paused.state()).isEqualTo("paused");
			assertThat(paused.fullSpeed()).isFalse();
			assertThat(paused.updatedBy()).isEqualTo("alice via " + ApplicationName.ofThisProcess());
			assertThat(paused.updatedAt()).isNotNull();
			assertThat(run(BackgroundAction.RESUME).state()).isEqualTo("running");
			assertThat(log.messages()).containsExactly(
					"Background migration \"backfill\": paused, as alice via %s has asked for"
						.formatted(ApplicationName.ofThisProcess()),
					"Background migration \"backfill\": goes on, as alice via %s has asked for"
						.formatted(ApplicationName.ofThisProcess()));
		}
	}

	@Test
	void whoIsNotKnownIsThisProcess() throws Exception {
		this.customers.register();
		BackgroundResult result = this.customers.operations().run(BackgroundAction.PAUSE, "backfill", null);
		assertThat(result.migration().updatedBy()).isEqualTo(ApplicationName.ofThisProcess());
		assertThat(result.trial()).isNull();
	}

	@Test
	void finalizeLeavesOutPauses() throws Exception {
		this.customers.register();
		this.customers.set("next_at = now() + interval '10 min', held_because = 'x', hold_kind = 'application', "
				+ "held_since = now(), held_until = now() + interval '10 s'");
		assertThat(run(BackgroundAction.FINALIZE)).returns(true, BackgroundStatus::fullSpeed)
			.returns(false, BackgroundStatus::isHeld);
		assertThat(this.customers.value("next_at")).isNull();
		assertThat(refusal(BackgroundAction.FINALIZE, "backfill")).hasMessage("finalize is for a background migration "
				+ "that is running, and not at full speed yet; \"backfill\" is running at full speed");
	}

	@ParameterizedTest
	@CsvSource({ "resume, running", "retry, running", "resume, finalizing", "retry, finalizing", "pause, paused",
			"retry, paused", "finalize, paused", "pause, finished", "resume, finished", "retry, finished",
			"finalize, finished", "pause, failed", "resume, failed", "finalize, failed", "pause, skipped",
			"resume, skipped", "retry, skipped", "finalize, skipped" })
	void whatDoesNotFitTheStateIsRefusedAndChangesNothing(String action, String state) throws Exception {
		this.customers.register();
		this.customers.set("state = '%s'".formatted(state));
		if (state.equals("paused")) {
			this.customers.fail(7);
		}
		String before = this.customers.everything();
		BackgroundActionException refusal = refusal(BackgroundAction.of(action).orElseThrow(), "backfill");
		assertThat(refusal.reason()).isEqualTo(Reason.REFUSED);
		assertThat(refusal).hasMessageStartingWith(action + " is for a background migration that is ")
			.hasMessageEndingWith("; \"backfill\" is " + state);
		assertThat(this.customers.everything()).isEqualTo(before);
	}

	@ParameterizedTest
	@CsvSource({ "pause, running, paused", "pause, finalizing, paused", "resume, paused, running",
			"retry, failed, running", "finalize, running, running", "finalize, finalizing, finalizing" })
	void whatFitsTheStateIsDone(String action, String before, String after) throws Exception {
		this.customers.register();
		this.customers.set("state = '%s'".formatted(before));
		assertThat(run(BackgroundAction.of(action).orElseThrow()).state()).isEqualTo(after);
	}

	/** This release takes it for paused. */
	@Test
	void aStateOfALaterReleaseIsLeftAsItIs() throws Exception {
		this.customers.register();
		this.database.execute("ALTER TABLE flyway_schema_history_background DROP CONSTRAINT "
				+ "flyway_schema_history_background_state_check");
		this.customers.set("state = 'compacting'");
		assertThat(this.customers.status().state()).isEqualTo("compacting");
		assertThat(refusal(BackgroundAction.RESUME, "backfill").reason()).isEqualTo(Reason.REFUSED);
		assertThat(this.customers.status().state()).isEqualTo("compacting");
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "TRY")
	void oneThatIsNotRegisteredIsRefused(BackgroundAction action) throws Exception {
		assertThat(refusal(action, "backfill").reason()).isEqualTo(Reason.REFUSED);
		assertThat(refusal(action, "backfill"))
			.hasMessageEndingWith("\"backfill\" is not registered yet by a process that works on it or migrates");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname LIKE '%background%'")).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void anUnknownNameIsRefused(BackgroundAction action) {
		BackgroundActionException refusal = refusal(action, "back\nfill");
		assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN);
		assertThat(refusal).hasMessageStartingWith("There is no background migration \"back fill\"");
	}

	@Test
	void retryWorksOnTheRowsAtOnceThatHaveFailed() throws Exception {
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 7 OR full_name IS NULL)");
		this.customers.customers().run(COUNT_UP);
		assertThat(this.customers.status().isFailed()).isTrue();
		assertThat(this.customers.status().failedRows()).isOne();
		this.database.execute("ALTER TABLE customer DROP CONSTRAINT customer_check");
		BackgroundStatus status = run(BackgroundAction.RETRY);
		assertThat(status.state()).isEqualTo("running");
		assertThat(status.failedRows()).isZero();
		assertThat(status.lastError()).isNull();
		BackgroundWork work = this.customers.customers().work(COUNT_UP);
		try (Connection connection = this.customers.customers().connect()) {
			work.step(connection);
			work.step(connection);
		}
		assertThat(this.customers.customers().count("times = 1")).isEqualTo(100);
		this.customers.customers().finish(COUNT_UP, Customers.settings());
		assertThat(this.customers.status().state()).isEqualTo("finished");
	}

	@Test
	void retryForgetsTheFailedRowsOfOneThatIsRunningAndKeepsItsPlace() throws Exception {
		this.customers.register();
		this.customers.fail(7);
		this.customers.set("cursor_key = '{50}', key_columns = '{id bigint}', seen_in_pass = 50");
		assertThat(run(BackgroundAction.RETRY).failedRows()).isZero();
		assertThat(this.customers.value("cursor_key")).isEqualTo("{50}");
	}

	@Test
	void aDatabaseThatIsGoneIsSaid() {
		BackgroundOperations operations = this.customers.operations("nobody_" + this.database.name(),
				Duration.ofSeconds(30));
		BackgroundActionException failure = catchThrowableOfType(BackgroundActionException.class,
				() -> operations.run(BackgroundAction.PAUSE, "backfill", null));
		assertThat(failure.reason()).isEqualTo(Reason.DATABASE);
		assertThat(failure).hasMessageStartingWith("The database cannot be reached: ");
	}

}
