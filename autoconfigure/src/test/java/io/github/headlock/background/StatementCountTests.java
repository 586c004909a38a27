package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Statements of which the server counts something else than the rows that needed the
 * change.
 */
@Tag("every-postgresql")
class StatementCountTests {

	private static final int ROWS = 3000;

	private static final int MOST_STEPS = 500;

	private static final String UPDATED = """
			WITH u AS (UPDATE customer SET full_name = concat_ws(' ', first_name, last_name), times = times + 1
			WHERE ${batch} RETURNING id) INSERT INTO audit (customers)\s""";

	private static final String AUDITED = UPDATED + "SELECT count(*) FROM u";

	private static final String COUNTS_NOTHING = UPDATED + "SELECT 1 FROM u WHERE false";

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void createAudit() {
		this.database.execute("CREATE TABLE audit (customers bigint)");
	}

	private static BackgroundDefinition definition(String statement) {
		int start = Customers.COUNT_UP.indexOf("UPDATE");
		return Customers.definition(Customers.COUNT_UP.substring(0, start) + statement);
	}

	/** Each batch with rows that needed it has one row, and no other one has. */
	private void assertAudited() {
		assertThat(this.database.value("SELECT sum(customers) FROM audit")).isEqualTo(String.valueOf(ROWS));
		assertThat(this.database.value("SELECT count(*) FROM audit WHERE customers = 0")).isEqualTo("0");
	}

	private void assertDone(Customers customers) {
		assertThat(customers.count("times = 1")).isEqualTo(ROWS);
		assertThat(customers.progress()).returns(BackgroundState.FINISHED, Progress::state)
			.returns((long) ROWS, Progress::rowsChanged)
			.returns(2, Progress::pass);
	}

	/** It counts one row for each batch, also where nothing was changed. */
	@Test
	void anAuditRowForEachBatch() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		run(customers, definition(AUDITED));
		assertDone(customers);
		assertAudited();
	}

	@Test
	void anAuditRowForEachBatchOfTwoProcesses() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		BackgroundDefinition definition = definition(AUDITED);
		customers.register(definition);
		this.database.execute("UPDATE flyway_schema_history_background SET batch_size = 50");
		BackgroundSettings settings = Customers.settings(2, Duration.ofSeconds(30));
		List<Background<Boolean>> processes = List.of(Background.start(() -> work(customers, definition, settings)),
				Background.start(() -> work(customers, definition, settings)));
		for (Background<Boolean> process : processes) {
			process.result();
		}
		assertDone(customers);
		assertAudited();
	}

	/** It has ended long before as many steps as passes without end would have. */
	private static void run(Customers customers, BackgroundDefinition definition) throws Exception {
		customers.register(definition);
		work(customers, definition, Customers.settings());
	}

	private static boolean work(Customers customers, BackgroundDefinition definition, BackgroundSettings settings)
			throws Exception {
		BackgroundWork work = customers.work(definition, settings);
		try (Connection connection = customers.connect()) {
			for (int step = 0; customers.progress().state().isWorkedOn(); step++) {
				assertThat(step).as(() -> customers.progress().toString()).isLessThan(MOST_STEPS);
				work.step(connection);
			}
		}
		return true;
	}

	@Test
	void anAuditRowForEachBatchAtTheGate(@TempDir Path folder) throws Exception {
		Releases releases = new Releases(this.database, folder);
		// the tables of the application are as the release before has left them
		this.database.execute("DROP TABLE audit");
		releases.migrations.file("V1_1__audit.sql", "CREATE TABLE audit (customers bigint);");
		releases.idle().startAndStop();
		releases.insert(1, ROWS);
		releases.third();
		releases.background.file("backfill.sql",
				Releases.BACKFILL.substring(0, Releases.BACKFILL.indexOf("UPDATE")) + AUDITED);
		releases.idle().startAndStop();
		assertThat(releases.versions()).endsWith("3");
		assertThat(releases.count("times = 1")).isEqualTo(ROWS);
		assertAudited();
	}

	@Test
	void aMainStatementThatChangesNothing() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		run(customers, definition(COUNTS_NOTHING));
		assertDone(customers);
	}

	/** It is changed when it is waited for, and is not taken for one that cannot be. */
	@ParameterizedTest
	@ValueSource(strings = { AUDITED, COUNTS_NOTHING })
	void aRowThatWasLocked(String statement) throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		BackgroundDefinition definition = definition(statement);
		customers.register(definition);
		BackgroundWork work = customers.work(definition);
		try (Connection connection = customers.connect()) {
			try (Connection other = this.database.inTransaction("SELECT FROM customer WHERE id = 5 FOR UPDATE")) {
				Step step = Step.PREPARED;
				for (int steps = 0; step.kind() != Kind.ROWS_LOCKED; steps++) {
					assertThat(steps).as(() -> customers.progress().toString()).isLessThan(MOST_STEPS);
					step = work.step(connection);
				}
				other.rollback();
			}
			work.waitForRemaining(connection, Duration.ofSeconds(10));
		}
		assertThat(customers.count("times = 1")).isEqualTo(ROWS);
		assertThat(customers.failedRows()).isEmpty();
		assertThat(customers.progress().rowsChanged()).isEqualTo(ROWS);
	}

	/** It counts the other table's rows, and none where a customer has no order. */
	@Test
	void aMainStatementAboutAnotherTable() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		this.database.execute("CREATE TABLE purchase (customer bigint, name text, times int DEFAULT 0)",
				"INSERT INTO purchase SELECT i % 1000 + 1 FROM generate_series(1, 5000) i");
		run(customers, definition("""
				WITH c AS (UPDATE customer SET full_name = concat_ws(' ', first_name, last_name), times = times + 1
				WHERE ${batch} RETURNING id, full_name)
				UPDATE purchase SET name = c.full_name, times = times + 1 FROM c WHERE purchase.customer = c.id"""));
		assertDone(customers);
		assertThat(this.database.value("SELECT count(*) FROM purchase WHERE times = 1")).isEqualTo("5000");
	}

	@Test
	void rowsThatAreMovedAway() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		this.database.execute("CREATE TABLE archive (LIKE customer)");
		run(customers, definition(
				"WITH gone AS (DELETE FROM customer WHERE ${batch} RETURNING *) INSERT INTO archive SELECT * FROM gone"));
		assertThat(customers.progress()).returns(BackgroundState.FINISHED, Progress::state)
			.returns((long) ROWS, Progress::rowsChanged);
		assertThat(this.database.value("SELECT count(DISTINCT id) FROM archive")).isEqualTo(String.valueOf(ROWS));
	}

	@Test
	void rowsOfPartitions() throws Exception {
		Customers customers = Customers.create(this.database, 0);
		this.database.execute("DROP TABLE customer",
				"CREATE TABLE customer (id bigint PRIMARY KEY, first_name text, last_name text, full_name text, "
						+ "times int NOT NULL DEFAULT 0) PARTITION BY HASH (id)",
				"CREATE TABLE customer_0 PARTITION OF customer FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
				"CREATE TABLE customer_1 PARTITION OF customer FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
				"INSERT INTO customer SELECT i, 'first', 'last' FROM generate_series(1, %d) i".formatted(ROWS));
		run(customers, definition(AUDITED));
		assertDone(customers);
		assertAudited();
	}

	@Test
	void anotherNameForTheTable() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		run(customers, definition("-- headlock: alias = c\n"
				+ AUDITED.replace("UPDATE customer", "UPDATE customer c").replace("RETURNING id", "RETURNING c.id")));
		assertDone(customers);
		assertAudited();
	}

	@Test
	void rowsThatStillMatchAfterTheirUpdate() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		run(customers, definition(AUDITED.replace("concat_ws(' ', first_name, last_name)", "nullif(id, 77)::text")));
		assertThat(customers.failedRows()).containsExactly("{77} still matches after its own update");
		assertThat(customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.returns(ROWS - 1L, Progress::rowsChanged);
		assertThat(customers.count("times = 1")).isEqualTo(ROWS);
	}

	@Test
	void aStatementThatLeavesTheRowsAsTheyAreEnds() throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		run(customers, definition(
				"WITH c AS (SELECT id FROM customer WHERE ${batch} FOR UPDATE) INSERT INTO audit SELECT count(*) FROM c"));
		assertThat(customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.returns(0L, Progress::rowsChanged);
		assertThat(customers.failedRows()).hasSize(10)
			.allMatch((row) -> row.endsWith("the migration does not change the row"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "WHERE ${batch} OR id = 1",
			"WHERE id IN (SELECT id FROM customer WHERE ${batch} UNION SELECT 1)",
			"WHERE id = 1 OR id > 0 AND ${batch}" })
	void aStatementThatAlsoChangesRowsThatDoNotNeedIt(String condition) throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		run(customers, definition("UPDATE customer SET full_name = 'x', times = times + 1 " + condition));
		assertThat(customers.count("times = 1 AND full_name = 'x' OR id = 1")).isEqualTo(ROWS);
		assertThat(customers.progress()).returns(BackgroundState.FINISHED, Progress::state)
			.returns((long) ROWS, Progress::rowsChanged);
	}

	/** More such rows than were changed are no negative number of changed ones. */
	@Test
	void rowsThatATriggerAddsAndThatMatch() throws Exception {
		Customers customers = Customers.create(this.database, 3);
		this.database.execute("""
				CREATE FUNCTION add_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				INSERT INTO customer (id) VALUES (NEW.id * 1000), (NEW.id * 1000 + 1); RETURN NEW; END $$""",
				"CREATE TRIGGER added BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION add_rows()");
		run(customers, Customers.definition(Customers.COUNT_UP));
		assertThat(customers.count("times = 1")).isEqualTo(3);
		assertThat(customers.failedRows()).hasSize(6)
			.allMatch((row) -> row.endsWith("still matches after its own update"));
		assertThat(customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.returns(0L, Progress::rowsChanged);
	}

}
