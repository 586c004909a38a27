package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one process does with a background migration, step by step.
 */
@Tag("every-postgresql")
class BackgroundWorkTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private final TestDatabase database = TestDatabase.create();

	private final HeadlockLog log = HeadlockLog.open();

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	@Test
	void everyRowIsChangedOnce() throws Exception {
		Customers customers = Customers.create(this.database, 25_000);
		customers.run(COUNT_UP);
		assertThat(customers.count("times = 1 AND full_name = first_name || ' ' || last_name")).isEqualTo(25_000);
		Progress progress = customers.progress();
		assertThat(progress.state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(progress.rowsChanged()).isEqualTo(25_000);
		assertThat(progress.rowsSeen()).isEqualTo(50_000);
		assertThat(progress.rowsEstimated()).isEqualTo(25_000);
		assertThat(progress.pass()).isEqualTo(2);
		assertThat(customers.openBatches()).isZero();
		assertThat(this.log.messages())
			.anyMatch((line) -> line.startsWith("Background migration \"backfill\": finished after ")
					&& line.endsWith(": 50000 rows seen, 25000 changed, 2 passes"));
	}

	@Test
	void anEmptyTableIsFinishedWithOnePass() throws Exception {
		Customers customers = Customers.create(this.database, 0);
		customers.run(COUNT_UP);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(customers.progress().pass()).isEqualTo(1);
	}

	@Test
	void whatAnOpenTransactionHasLockedIsSkippedAndFoundByTheLook() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP);
		try (Connection connection = customers.connect();
				Connection other = this.database.inTransaction("UPDATE customer SET first_name = 'x' WHERE id = 7")) {
			for (int i = 0; i < 20; i++) {
				assertThat(work.step(connection).kind()).isIn(Kind.WORKED, Kind.PASS_ENDED, Kind.ROWS_LOCKED);
			}
			assertThat(customers.count("full_name IS NULL")).isOne();
			assertThat(customers.progress().state()).isEqualTo(BackgroundState.RUNNING);
			other.commit();
		}
		customers.finish(COUNT_UP, Customers.settings());
		assertThat(customers.count("times = 1")).isEqualTo(100);
		assertThat(this.log.messages())
			.anyMatch((line) -> line.contains("rows still need it that it could not change; they may be locked by")
					&& line.contains("role \"postgres\""));
	}

	@Test
	void aRowThatFailsIsFoundAndLeftOut() throws Exception {
		Customers customers = Customers.create(this.database, 5_000);
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 4321 OR full_name IS NULL)");
		customers.run(COUNT_UP);
		assertThat(customers.count("times = 1")).isEqualTo(4_999);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(customers.failedRows()).hasSize(1)
			.allMatch((row) -> row.startsWith("{4321} ") && row.contains("(SQLSTATE 23514)") && !row.contains("first"));
		this.database.execute("ALTER TABLE customer DROP CONSTRAINT customer_check",
				"DELETE FROM flyway_schema_history_background_batch WHERE name = 'backfill' AND failed",
				"UPDATE flyway_schema_history_background SET state = 'running' WHERE name = 'backfill'");
		customers.finish(COUNT_UP, Customers.settings());
		assertThat(customers.count("times = 1")).isEqualTo(5_000);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
	}

	@Test
	void tenFailedRowsEndIt() throws Exception {
		Customers customers = Customers.create(this.database, 500);
		this.database.execute("ALTER TABLE customer ADD CHECK (id < 100 OR full_name IS NULL)");
		customers.run(COUNT_UP);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(customers.progress().lastError())
			.startsWith("10 rows have failed; the last one, with the key [109]");
		assertThat(customers.count("times = 1")).isEqualTo(99);
	}

	@Test
	void aBatchThatTakesTooLongIsHalved() throws Exception {
		Customers customers = Customers.create(this.database, 1_000);
		this.database.execute(
				"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
						+ "PERFORM pg_sleep(0.002); RETURN NEW; END $$",
				"CREATE TRIGGER slow BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION slow()");
		customers.register(COUNT_UP);
		customers.finish(COUNT_UP, Customers.settings(1, Duration.ofMillis(500)));
		assertThat(customers.count("times = 1")).isEqualTo(1_000);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(customers.failedRows()).isEmpty();
	}

	@Test
	void allProcessesTogetherKeepToTheShareOfTime() throws Exception {
		Customers customers = Customers.create(this.database, 5_000);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP,
				new BackgroundSettings(BackgroundRun.AUTO, 2, Duration.ofMillis(250), Duration.ofSeconds(30), 0.2,
						Duration.ofMinutes(1), null, Duration.ZERO, ThrottleSettings.NONE));
		try (Connection connection = customers.connect()) {
			work.step(connection);
			Step worked = work.step(connection);
			Progress progress = customers.progress();
			assertThat(progress.rowsChanged()).isEqualTo(1_000);
			assertThat(progress.workMillis()).isPositive();
			assertThat(worked.pause()).isEqualTo(Duration.ofMillis(progress.workMillis() * 2));
			this.database.execute("UPDATE flyway_schema_history_background SET next_at = now() + interval '1 min'");
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WAITING);
			assertThat(customers.openBatches()).isZero();
		}
	}

	@Test
	void whoPausesItStopsIt() throws Exception {
		Customers customers = Customers.create(this.database, 5_000);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP);
		try (Connection connection = customers.connect()) {
			work.step(connection);
			this.database.execute("UPDATE flyway_schema_history_background SET state = 'paused'");
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WAITING);
			assertThat(customers.count("times > 0")).isZero();
			this.database.execute("UPDATE flyway_schema_history_background SET state = 'running'");
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WORKED);
			assertThat(customers.count("times > 0")).isEqualTo(1_000);
		}
	}

	@Test
	void whileAMigrationRunsItWaits() throws Exception {
		Customers customers = Customers.create(this.database, 5_000);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP);
		try (Connection connection = customers.connect();
				Connection holder = this.database.hold(String.valueOf(Customers.HISTORY.lockKey()))) {
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WAITING);
			this.database.execute("UPDATE flyway_schema_history_background SET state = 'finalizing'");
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WORKED);
			holder.rollback();
		}
	}

	@Test
	void nothingIsLeftOfItInTheSession() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP);
		try (Connection connection = customers.connect()) {
			List<String> before = settings(connection);
			while (work.step(connection).kind() != Kind.ENDED) {
				assertThat(connection.getAutoCommit()).isTrue();
			}
			assertThat(settings(connection)).isEqualTo(before);
		}
	}

	private static List<String> settings(Connection connection) throws SQLException {
		return Statements.query(connection, "SELECT name || ' ' || setting FROM pg_settings ORDER BY name",
				(row) -> row.getString(1));
	}

	/** Such as one whose trigger needs more memory than there is. */
	@Test
	void aRowThatTheServerLacksSomethingForIsGivenUpAfterAnHour() throws Exception {
		Customers customers = Customers.create(this.database, 20);
		this.database.execute(
				"CREATE FUNCTION crowded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
						+ "RAISE EXCEPTION 'no memory' USING ERRCODE = '53200'; END $$",
				"CREATE TRIGGER crowded BEFORE UPDATE ON customer FOR EACH ROW WHEN (OLD.id IN (1, 2)) "
						+ "EXECUTE FUNCTION crowded()");
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP);
		String attempt = "UPDATE flyway_schema_history_background_batch SET size = 1, attempts = %d, next_at = now()";
		try (Connection connection = customers.connect()) {
			work.step(connection);
			this.database.execute(attempt.formatted(118));
			work.step(connection);
			assertThat(customers.failedRows()).isEmpty();
			this.database.execute(attempt.formatted(119));
			work.step(connection);
			assertThat(customers.failedRows()).containsExactly("{1} no memory (SQLSTATE 53200)");
			work.step(connection);
			assertThat(customers.failedRows()).as("the next one has as much time").hasSize(1);
			assertThat(customers.openBatches()).isOne();
		}
	}

}
