package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;

import io.github.headlock.background.BackgroundActionException.Reason;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Batches that operators try.
 */
@Tag("every-postgresql")
class BatchTrialTests {

	private final TestDatabase database = TestDatabase.create();

	@TempDir
	private Path folder;

	private OperatedCustomers customers;

	@BeforeEach
	void createCustomers() throws Exception {
		this.customers = OperatedCustomers.create(this.database, 1_500, this.folder);
		this.customers.register();
	}

	private BackgroundTrial trial() {
		return trial(this.customers.operations());
	}

	private BackgroundTrial trial(BackgroundOperations operations) {
		String before = this.customers.everything();
		BackgroundTrial trial = operations.run(BackgroundAction.TRY, "backfill", "alice").trial();
		assertThat(trial).isNotNull();
		assertThat(this.customers.everything()).as("nothing of it stays").isEqualTo(before);
		assertThat(trial.note()).isEqualTo("Rolled back: nothing was changed");
		assertThat(this.database.advisoryLocks()).isZero();
		return trial;
	}

	@ParameterizedTest
	@EnumSource
	void itTellsWhatABatchWouldDoInEveryState(BackgroundState state) {
		this.customers.set("state = '%s'".formatted(state));
		try (HeadlockLog log = HeadlockLog.open()) {
			BackgroundTrial trial = trial();
			assertThat(trial.rows()).isEqualTo(1_000);
			assertThat(trial.changed()).isEqualTo(1_000);
			assertThat(trial.took()).isPositive();
			assertThat(trial.problem()).isNull();
			assertThat(log.messages()).singleElement()
				.asString()
				.startsWith("Background migration \"backfill\": one batch was worked on, and rolled back after ")
				.contains(" s: 1000 of 1000 rows would be changed, as alice via ");
		}
	}

	@Test
	void itIsTheNextBatch() {
		this.customers.set("cursor_key = '{900}', key_columns = '{id bigint}', batch_size = 200");
		this.database.execute("UPDATE customer SET full_name = 'x' WHERE id % 2 = 0");
		BackgroundTrial trial = trial();
		assertThat(trial.rows()).isEqualTo(200);
		assertThat(trial.changed()).isEqualTo(100);
		this.customers.set("cursor_key = '{1450}'");
		assertThat(trial().rows()).isEqualTo(50);
	}

	@Test
	void atTheEndOfAPassItIsTheFirstOfTheNext() {
		this.customers.set("cursor_key = '{1500}', key_columns = '{id bigint}', batch_size = 200");
		assertThat(trial().rows()).isEqualTo(200);
	}

	/** As of a release that has just been started. */
	@Test
	void itNeedsNoProgress() {
		this.database.execute("DROP TABLE flyway_schema_history_background, flyway_schema_history_background_batch");
		BackgroundTrial trial = this.customers.operations().run(BackgroundAction.TRY, "backfill", null).trial();
		assertThat(trial).isNotNull();
		assertThat(trial.changed()).isEqualTo(1_000);
		assertThat(this.customers.customers().count("times > 0")).isZero();
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname LIKE '%background%'")).isEmpty();
	}

	@Test
	void itReportsTheErrorOfTheStatement() {
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 7 OR full_name IS NULL)");
		this.customers.fail(7);
		BackgroundTrial trial = trial();
		assertThat(trial.rows()).isEqualTo(1_000);
		assertThat(trial.changed()).isNull();
		assertThat(trial.problem()).contains("violates check constraint").endsWith("(SQLSTATE 23514)");
	}

	@Test
	void itReportsWhatIsCheckedAtTheEndOfATransaction() {
		this.database.execute("CREATE TABLE name (name text PRIMARY KEY)",
				"ALTER TABLE customer ADD FOREIGN KEY (full_name) REFERENCES name DEFERRABLE INITIALLY DEFERRED");
		assertThat(trial().problem()).contains("violates foreign key constraint").endsWith("(SQLSTATE 23503)");
	}

	@Test
	void itReportsRowsThatStillMatch() {
		this.customers.declare(Customers.COUNT_UP.replace("concat_ws(' ', first_name, last_name)", "NULL"));
		BackgroundTrial trial = trial();
		assertThat(trial.changed()).isEqualTo(1_000);
		assertThat(trial.problem())
			.isEqualTo("rows still match where after its own update, such as the one with the key [1]");
	}

	@Test
	void itReportsATableThatDoesNotFit() {
		this.database.execute("ALTER TABLE customer DROP CONSTRAINT customer_pkey");
		BackgroundTrial trial = trial();
		assertThat(trial.changed()).isNull();
		assertThat(trial.problem()).contains("customer has no primary key").contains("Add -- headlock: key = ...");
	}

	@Test
	void itTakesNoLongerThanABatchMay() {
		this.customers.declare(
				Customers.COUNT_UP.replace("concat_ws(' ', first_name, last_name)", "(SELECT 'x' FROM pg_sleep(300))"));
		BackgroundTrial trial = trial(this.customers.operations("postgres", Duration.ofSeconds(1)));
		assertThat(trial.changed()).isNull();
		assertThat(trial.problem()).endsWith("(SQLSTATE 57014)");
	}

	@Test
	void itSkipsRowsThatOthersHaveLocked() throws Exception {
		try (Connection other = this.database.inTransaction("UPDATE customer SET first_name = 'x' WHERE id = 7")) {
			assertThat(trial().changed()).isEqualTo(999);
			other.rollback();
		}
	}

	@Test
	void itIsRefusedWhileSomebodyMigrates() throws Exception {
		BackgroundOperations operations = this.customers.operations();
		try (Connection holder = this.database.hold(String.valueOf(Customers.HISTORY.lockKey()))) {
			BackgroundActionException refusal = catchThrowableOfType(BackgroundActionException.class,
					() -> operations.run(BackgroundAction.TRY, "backfill", null));
			assertThat(refusal.reason()).isEqualTo(Reason.REFUSED);
			assertThat(refusal).hasMessageContaining("migration lock");
			holder.rollback();
		}
		assertThat(trial().changed()).isEqualTo(1_000);
	}

}
