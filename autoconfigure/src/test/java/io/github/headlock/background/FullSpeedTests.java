package io.github.headlock.background;

import java.sql.Connection;
import java.time.Duration;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A background migration that an operator wants to be finished soon.
 */
@Tag("every-postgresql")
class FullSpeedTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	/** With pauses that no test could wait for. */
	private static final BackgroundSettings SETTINGS = new BackgroundSettings(BackgroundRun.AUTO, 1,
			Duration.ofMillis(250), Duration.ofSeconds(30), 0.01, Duration.ofMinutes(1), null, Duration.ofHours(1),
			ThrottleSettings.NONE);

	private final TestDatabase database = TestDatabase.create();

	private void set(String assignments) {
		this.database.execute("UPDATE flyway_schema_history_background SET " + assignments);
	}

	private String value(String expression) {
		return this.database.value("SELECT %s FROM flyway_schema_history_background".formatted(expression));
	}

	@Test
	void itNeitherWaitsForAPauseThatHasBegunNorMakesOne() throws Exception {
		Customers customers = Customers.create(this.database, 5_000);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP, SETTINGS);
		try (Connection connection = customers.connect()) {
			set("next_at = now() + interval '1 min'");
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WAITING);
			set("full_speed = true");
			assertThat(customers.progress().pause()).isZero();
			assertThat(work.step(connection)).isEqualTo(Step.PREPARED);
			assertThat(work.step(connection)).isEqualTo(Step.worked(Duration.ZERO));
			assertThat(customers.progress().rowsChanged()).isEqualTo(1_000);
			assertThat(value("next_at <= now()")).isEqualTo("t");
		}
	}

	@Test
	void whatItWasHeldForIsNotShownAnyMore() throws Exception {
		Holds holds = new Holds(this.database);
		Progress before = holds.customers.progress();
		try (Connection other = this.database.inTransaction(Holds.MAINTENANCE);
				Connection connection = holds.customers.connect()) {
			assertThat(holds.holds(holds.process())).isTrue();
			set("full_speed = true");
			assertThat(holds.holds(holds.process())).isFalse();
			assertThat(holds.because()).isNull();
			// a process that has read the row before, and looks now
			holds.process().pause(connection, before);
			assertThat(holds.because()).isNull();
			set("full_speed = false");
			assertThat(holds.holds(holds.process())).isTrue();
			other.rollback();
		}
	}

	@Test
	void theRestOfABatchFollowsAtOnce() throws Exception {
		Customers customers = Customers.create(this.database, 5_000);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP, SETTINGS);
		try (Connection connection = customers.connect()) {
			work.step(connection);
			this.database.execute("UPDATE flyway_schema_history_background_batch SET in_pieces = true, size = 100, "
					+ "next_at = now() + interval '1 min'");
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WAITING);
			set("full_speed = true");
			assertThat(work.step(connection)).isEqualTo(Step.worked(Duration.ZERO));
			assertThat(work.step(connection)).isEqualTo(Step.worked(Duration.ZERO));
			assertThat(customers.progress().rowsChanged()).isEqualTo(300);
		}
	}

	@Test
	void aBatchThatHasFailedIsNotTriedAgainAtOnce() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP, SETTINGS);
		set("full_speed = true");
		try (Connection connection = customers.connect()) {
			work.step(connection);
			this.database.execute("UPDATE flyway_schema_history_background_batch SET attempts = 1, "
					+ "next_at = now() + interval '1 min'");
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WAITING);
		}
	}

	@Test
	void passesFollowOneAnotherWithShortPauses() throws Exception {
		Customers customers = Customers.create(this.database, 10);
		customers.register(COUNT_UP);
		BackgroundWork work = customers.work(COUNT_UP, SETTINGS);
		try (HeadlockLog log = HeadlockLog.open(); Connection connection = customers.connect()) {
			set("full_speed = true");
			endPass(work, connection, "next_at <= now()");
			for (int pass = 2; pass < 9; pass++) {
				this.database.execute("INSERT INTO customer (id) SELECT max(id) + 1 FROM customer");
				endPass(work, connection, "next_at <= now() + interval '1 s'");
				set("next_at = NULL");
			}
			assertThat(log.messages()).filteredOn((line) -> line.contains("another one begins in"))
				.hasSize(2)
				.anyMatch((line) -> line.contains(" pass 3 ") && line.endsWith(PassEnd.WRITERS));
			set("full_speed = false");
			this.database.execute("INSERT INTO customer (id) SELECT max(id) + 1 FROM customer");
			endPass(work, connection, "next_at > now() + interval '1 min'");
		}
	}

	private void endPass(BackgroundWork work, Connection connection, String then) throws Exception {
		Step step = Step.PREPARED;
		while (step.kind() == Kind.WORKED) {
			step = work.step(connection);
			// the pauses of batches are not what this is about
			this.database.execute("UPDATE flyway_schema_history_background_batch SET next_at = now()");
			if (step.kind() == Kind.WORKED) {
				set("next_at = NULL");
			}
		}
		assertThat(step.kind()).isEqualTo(Kind.PASS_ENDED);
		assertThat(value(then)).as(value("next_at - now()")).isEqualTo("t");
	}

	@Test
	void itWaitsForTheShortPauseAfterAPass() throws Exception {
		Customers customers = Customers.create(this.database, 10);
		customers.register(COUNT_UP);
		try (Connection connection = customers.connect()) {
			connection.setAutoCommit(false);
			set("full_speed = true, next_at = clock_timestamp() + interval '900 ms'");
			Progress locked = customers.store.lockToCarve(connection, COUNT_UP, Pace.WITH_PAUSES);
			assertThat(locked == null || value("next_at <= clock_timestamp()").equals("t")).isTrue();
			connection.rollback();
		}
	}

	@Test
	void itWaitsWhileSomebodyMigrates() throws Exception {
		Customers customers = Customers.create(this.database, 10);
		customers.register(COUNT_UP);
		set("full_speed = true");
		try (Connection connection = customers.connect();
				Connection holder = this.database.hold(String.valueOf(Customers.HISTORY.lockKey()))) {
			BackgroundWork work = customers.work(COUNT_UP, SETTINGS);
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WAITING);
			holder.rollback();
			assertThat(work.step(connection).kind()).isEqualTo(Kind.WORKED);
		}
	}

	@Test
	void theTimeLeftIsThatOfWorkWithoutPauses() throws Exception {
		Customers customers = Customers.create(this.database, 10);
		customers.register(COUNT_UP);
		set("rows_estimated = 1000000");
		assertThat(Estimate.of(customers.progress(), COUNT_UP.effect(), 0.01).timeLeft())
			.isEqualTo(Duration.ofSeconds(5_000));
		set("full_speed = true");
		assertThat(Estimate.of(customers.progress(), COUNT_UP.effect(), 0.01).timeLeft())
			.isEqualTo(Duration.ofSeconds(50));
	}

	@Test
	void itIsOverWhenTheMigrationIsFinished() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		customers.register(COUNT_UP);
		set("full_speed = true");
		customers.finish(COUNT_UP, Customers.settings());
		assertThat(value("state || ' ' || full_speed")).isEqualTo("finished false");
	}

	@Test
	void itIsOverWhenTheMigrationHasFailed() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		customers.register(COUNT_UP);
		set("full_speed = true");
		this.database.execute("ALTER TABLE customer DROP COLUMN times");
		customers.finish(COUNT_UP, Customers.settings());
		assertThat(value("state || ' ' || full_speed")).isEqualTo("failed false");
	}

	/** By SQL, which says nothing of the pace. */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = { "RUNNING", "FINALIZING" })
	void itIsOverWhenSomebodySetsAnotherState(BackgroundState state) throws Exception {
		Customers customers = Customers.create(this.database, 0);
		customers.register(COUNT_UP);
		set("full_speed = true");
		try (Connection connection = customers.connect()) {
			assertThat(customers.store.resetAbandoned(connection, false)).isFalse();
			set("state = '%s'".formatted(state));
			assertThat(customers.store.resetAbandoned(connection, false)).isTrue();
			assertThat(value("state || ' ' || full_speed")).isEqualTo(state + " false");
		}
	}

}
