package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.awaitility.Awaitility.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Batches whose transactions change rows that are spread over all pages.
 */
@Tag("every-postgresql")
class InterleavingTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	/** Long enough, so that nothing is too slow on any machine. */
	private static final BackgroundSettings SETTINGS = new BackgroundSettings(BackgroundRun.AUTO, 1,
			Duration.ofSeconds(20), Duration.ofSeconds(60), 1, Duration.ofMinutes(1), null, Duration.ZERO,
			ThrottleSettings.NONE);

	private static final String BATCH = "SELECT size || ' ' || coalesce(part::text, 'none') || ' ' || in_pieces "
			+ "FROM flyway_schema_history_background_batch WHERE NOT failed";

	private final TestDatabase database = TestDatabase.create();

	@Test
	void afterABatchThatIsFullOfThemTheNextOnesAreInterleaved() throws Exception {
		Customers customers = Customers.create(this.database, 40_000);
		assertThat(work(customers, COUNT_UP)).startsWith("1000 none false", "2000 0 false", "2000 1 false",
				"2000 2 false", "2000 3 false", "4000 0 false");
		assertThat(customers.count("times = 1 AND full_name = first_name || ' ' || last_name")).isEqualTo(40_000);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(customers.progress().rowsSeen()).isEqualTo(80_000);
		assertThat(customers.progress().rowsChanged()).isEqualTo(40_000);
	}

	@Test
	void theNewVersionsTakeThePlaceOfTheOldOnes() throws Exception {
		Customers customers = Customers.create(this.database, 40_000);
		work(customers, COUNT_UP);
		await().untilAsserted(() -> assertThat(updated("n_tup_upd")).isEqualTo(40_000));
		assertThat(updated("n_tup_hot_upd")).isGreaterThan(20_000);
	}

	@Test
	void whereAnIndexHasToBeChangedTheyAreNot() throws Exception {
		Customers customers = Customers.create(this.database, 120_000);
		this.database.execute("CREATE INDEX ON customer (times)");
		List<String> batches = work(customers, COUNT_UP);
		assertThat(batches.stream().filter((batch) -> batch.contains(" 3 "))).hasSize(1);
		assertThat(customers.count("times = 1")).isEqualTo(120_000);
		assertThat(customers.progress().rowsSeen()).isEqualTo(240_000);
	}

	@Test
	void anotherProcessGoesOnWithTheNextPart() throws Exception {
		Customers customers = Customers.create(this.database, 40_000);
		customers.register(COUNT_UP);
		try (Connection connection = customers.connect()) {
			BackgroundWork work = customers.work(COUNT_UP, SETTINGS);
			while (!batches().equals(List.of("2000 3 false"))) {
				assertThat(work.step(connection).kind()).isEqualTo(Kind.WORKED);
			}
		}
		assertThat(steps(customers, COUNT_UP)).startsWith("2000 3 false", "4000 0 false");
		assertThat(customers.count("times = 1")).isEqualTo(40_000);
		assertThat(customers.progress().rowsSeen()).isEqualTo(80_000);
	}

	@Test
	void whereFewRowsNeedItTheRestIsGoneAlongOnce() throws Exception {
		Customers customers = Customers.create(this.database, 60_000);
		this.database.execute("UPDATE customer SET full_name = 'there' WHERE id > 1000 AND id % 10 > 0");
		assertThat(work(customers, COUNT_UP)).startsWith("1000 none false", "2000 0 false", "4000 none true");
		assertThat(customers.count("times = 1")).isEqualTo(6_900);
		assertThat(customers.progress().rowsSeen()).isEqualTo(120_000);
	}

	@Test
	void aSlowPartIsFollowedBySmallerPieces() throws Exception {
		Customers customers = Customers.create(this.database, 20_000);
		this.database.execute(
				"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(25); RETURN NEW; END $$",
				"CREATE TRIGGER slow BEFORE UPDATE ON customer FOR EACH ROW WHEN (OLD.id = 5000) EXECUTE FUNCTION slow()");
		BackgroundSettings settings = new BackgroundSettings(BackgroundRun.AUTO, 1, Duration.ofSeconds(6),
				Duration.ofSeconds(60), 1, Duration.ofMinutes(1), null, Duration.ZERO, ThrottleSettings.NONE);
		customers.register(COUNT_UP);
		assertThat(steps(customers, COUNT_UP, settings)).contains("1000 none true");
		assertThat(customers.count("times = 1")).isEqualTo(20_000);
		assertThat(customers.progress().rowsSeen()).isEqualTo(40_000);
	}

	@Test
	void aRowThatFailsInAPartIsFoundAndLeftOut() throws Exception {
		Customers customers = Customers.create(this.database, 20_000);
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 4321 OR full_name IS NULL)");
		assertThat(work(customers, COUNT_UP)).contains("2000 0 false", "2000 none true");
		assertThat(customers.count("times = 1")).isEqualTo(19_999);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(customers.failedRows()).hasSize(1).allMatch((row) -> row.startsWith("{4321} "));
	}

	@Test
	void theRowsOfSeveralTablesAreNotInterleaved() throws Exception {
		Customers customers = Customers.create(this.database, 20_000);
		this.database.execute("ALTER TABLE customer RENAME TO customer_1",
				"CREATE TABLE customer (LIKE customer_1 INCLUDING ALL) PARTITION BY RANGE (id)",
				"ALTER TABLE customer ATTACH PARTITION customer_1 FOR VALUES FROM (0) TO (1000000)");
		assertThat(work(customers, COUNT_UP)).noneMatch((batch) -> !batch.contains("none"));
		assertThat(customers.count("times = 1")).isEqualTo(20_000);
	}

	/** Registers it and works on it to its end. */
	private List<String> work(Customers customers, BackgroundDefinition definition) throws SQLException {
		customers.register(definition);
		return steps(customers, definition);
	}

	private List<String> steps(Customers customers, BackgroundDefinition definition) throws SQLException {
		return steps(customers, definition, SETTINGS);
	}

	/** Works on it to its end; returns what batches there were before each step. */
	private List<String> steps(Customers customers, BackgroundDefinition definition, BackgroundSettings settings)
			throws SQLException {
		BackgroundWork work = customers.work(definition, settings);
		List<String> batches = new ArrayList<>();
		try (Connection connection = customers.connect()) {
			Step step = Step.PREPARED;
			while (step.kind() != Kind.ENDED) {
				batches.addAll(batches());
				assertThat(batches).as(() -> customers.progress().toString()).hasSizeLessThan(1000);
				step = work.step(connection);
				if (step.kind() == Kind.WAITING) {
					this.database
						.execute("UPDATE flyway_schema_history_background_batch SET next_at = now() WHERE NOT failed");
				}
			}
		}
		return batches;
	}

	private List<String> batches() {
		return this.database.list(BATCH);
	}

	private long updated(String counter) {
		return Long.parseLong(
				this.database.value("SELECT " + counter + " FROM pg_stat_user_tables WHERE relname = 'customer'"));
	}

}
