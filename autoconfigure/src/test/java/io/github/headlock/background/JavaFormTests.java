package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Batch;
import io.github.headlock.BackgroundMigration.Change;
import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Background migrations whose rows are changed by code, good and bad.
 */
class JavaFormTests {

	static final Definition CUSTOMER = Definition.of("backfill")
		.table("customer")
		.since("1")
		.where("full_name IS NULL");

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 3000);

	@Test
	void rowsAreReadAndChangedByCode() throws Exception {
		this.customers.run(definition(JavaFormTests::fill));
		assertThat(this.customers.count("full_name = upper(first_name) AND times = 1")).isEqualTo(3000);
		assertThat(this.customers.progress()).returns(BackgroundState.FINISHED, Progress::state)
			.returns(3000L, Progress::rowsChanged);
	}

	/** As in the documentation: rows are read, changed one by one, and written. */
	static int fill(Batch batch) {
		List<Object[]> rows = batch.jdbc()
			.query("SELECT id, first_name FROM customer WHERE " + batch.condition(), (row,
					number) -> new Object[] { row.getString("first_name").toUpperCase(Locale.ROOT), row.getLong("id") },
					batch.arguments());
		batch.jdbc().batchUpdate("UPDATE customer SET full_name = ?, times = times + 1 WHERE id = ?", rows);
		return rows.size();
	}

	@Test
	void codeIsNotCalledWhereNoRowNeedsIt() throws Exception {
		this.database.execute("UPDATE customer SET full_name = 'done' WHERE id <> 1500");
		AtomicInteger calls = new AtomicInteger();
		this.customers.run(definition((batch) -> {
			calls.incrementAndGet();
			return fill(batch);
		}));
		assertThat(calls).hasValue(1);
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
	}

	@Test
	void theConditionServesAnUpdateAsWell() throws Exception {
		BackgroundMigration code = BackgroundMigration.of(CUSTOMER.alias("c"),
				(batch) -> batch.jdbc()
					.update("UPDATE customer c SET full_name = 'x', times = times + 1 WHERE " + batch.condition(),
							batch.arguments()));
		this.customers.run(DeclarationBean.read("code", code, Duration.ofSeconds(30)));
		assertThat(this.customers.count("full_name = 'x' AND times = 1")).isEqualTo(3000);
	}

	@Test
	void aPartitionedTable() throws Exception {
		this.database.execute(
				"CREATE TABLE thing (id int, part int, done int, times int DEFAULT 0, PRIMARY KEY (part, id)) "
						+ "PARTITION BY LIST (part)",
				"CREATE TABLE thing_0 PARTITION OF thing FOR VALUES IN (0)",
				"CREATE TABLE thing_1 PARTITION OF thing FOR VALUES IN (1)",
				"INSERT INTO thing SELECT i, i % 2 FROM generate_series(1, 3000) i");
		Definition definition = Definition.of("backfill").table("thing").since("1").where("done IS NULL");
		this.customers.run(definition(definition, (batch) -> batch.jdbc()
			.update("UPDATE thing SET done = 1, times = times + 1 WHERE " + batch.condition(), batch.arguments())));
		assertThat(this.database.value("SELECT count(*) FROM thing WHERE done = 1 AND times = 1")).isEqualTo("3000");
	}

	@Test
	void theRowThatCodeFailsForIsFound() throws Exception {
		this.customers.run(definition((batch) -> {
			List<Long> ids = ids(batch);
			if (ids.contains(1234L)) {
				throw new IllegalArgumentException("no name in 1234");
			}
			return fill(batch);
		}));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FAILED);
		assertThat(this.customers.failedRows())
			.containsExactly("{1234} java.lang.IllegalArgumentException: no name in 1234");
		assertThat(this.customers.count("times = 1")).isEqualTo(2999);
	}

	static List<Long> ids(Batch batch) {
		return batch.jdbc()
			.queryForList("SELECT id FROM customer WHERE " + batch.condition(), Long.class, batch.arguments());
	}

	/** What the driver adds of the row is not kept. */
	@Test
	void whatTheServerSaysIsKeptWithoutItsDetail() throws Exception {
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 7 OR full_name IS NULL)");
		this.customers.run(definition(JavaFormTests::fill));
		assertThat(this.customers.failedRows()).singleElement()
			.asString()
			.startsWith("{7} new row for relation \"customer\" violates check constraint")
			.endsWith("(SQLSTATE 23514)")
			.doesNotContain("FIRST 7");
	}

	@ParameterizedTest
	@ValueSource(strings = { "commit", "rollback", "setAutoCommit", "setReadOnly", "setSchema" })
	void theTransactionIsNotForCodeToEndOrSetUp(String call) throws Exception {
		this.customers.run(definition((batch) -> {
			fill(batch);
			batch.jdbc().execute((ConnectionCallback<Void>) (connection) -> {
				call(connection, call);
				return null;
			});
			return 1;
		}));
		assertThat(this.customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.satisfies((progress) -> assertThat(progress.lastError()).contains("the bean \"code\"",
					"its code calls " + call + " on the connection of the batch"));
		assertThat(this.customers.count("times > 0")).isZero();
	}

	private static void call(Connection connection, String call) throws SQLException {
		switch (call) {
			case "commit" -> connection.commit();
			case "rollback" -> connection.rollback();
			case "setAutoCommit" -> connection.setAutoCommit(true);
			case "setReadOnly" -> connection.setReadOnly(true);
			default -> connection.setSchema("other");
		}
	}

	@Test
	void codeThatCommitsInSqlIsFound() throws Exception {
		this.customers.run(definition((batch) -> {
			int rows = fill(batch);
			batch.jdbc().execute("COMMIT");
			return rows;
		}));
		assertThat(this.customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.returns(0L, Progress::rowsChanged);
		assertThat(this.customers.progress().lastError()).contains("has ended the transaction");
	}

	/** Savepoints are for code that tries something. */
	@Test
	void codeMayUseSavepoints() throws Exception {
		this.customers.run(definition((batch) -> {
			batch.jdbc().execute((ConnectionCallback<Void>) (connection) -> {
				connection.rollback(connection.setSavepoint());
				return null;
			});
			return fill(batch);
		}));
		assertThat(this.customers.count("times = 1")).isEqualTo(3000);
	}

	@Test
	void codeThatGoesOnAfterAFailedStatementFails() throws Exception {
		this.customers.run(definition((batch) -> {
			int rows = fill(batch);
			if (ids(batch).isEmpty() && rows == 1) {
				return rows;
			}
			try {
				batch.jdbc().execute("SELECT 1 / 0");
			}
			catch (DataAccessException ex) {
				// as careless code does
			}
			return rows;
		}));
		assertThat(this.customers.progress().lastError()).contains("goes on after a statement that has failed");
	}

	@Test
	void rowsThatOthersHaveLockedAreLeftOut() throws Exception {
		BackgroundDefinition definition = definition(JavaFormTests::fill);
		this.customers.register(definition);
		BackgroundWork work = this.customers.work(definition);
		try (Connection other = this.database.inTransaction("SELECT FROM customer WHERE id = 5 FOR UPDATE");
				Connection connection = this.customers.connect()) {
			for (Step step = Step.PREPARED; step.kind() != Kind.ROWS_LOCKED;) {
				step = work.step(connection);
				assertThat(this.customers.progress().lastError()).isNull();
			}
			assertThat(this.customers.count("times = 1")).isEqualTo(2999);
		}
		this.customers.finish(definition, Customers.settings());
		assertThat(this.customers.count("times = 1")).isEqualTo(3000);
	}

	/** What is set for the batch ends with it, and settings of the batch hold in it. */
	@Test
	void theSettingsOfABatchHoldForCode() throws Exception {
		List<String> seen = new ArrayList<>();
		this.customers.run(definition((batch) -> {
			seen.add(batch.jdbc().queryForObject("SHOW lock_timeout", String.class));
			batch.jdbc().execute("SET LOCAL work_mem = '77MB'");
			return fill(batch);
		}));
		assertThat(seen).isNotEmpty().allMatch("200ms"::equals);
	}

	static BackgroundDefinition definition(Change change) {
		return definition(CUSTOMER, change);
	}

	private static BackgroundDefinition definition(Definition definition, Change change) {
		return DeclarationBean.read("code", BackgroundMigration.of(definition, change), Duration.ofSeconds(30));
	}

}
