package io.github.headlock.background;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.SchemaState;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What goes wrong with a background migration does not keep the process from working on
 * the next one.
 */
class BackgroundRunnerTroubleTests {

	private static final String TABLE = "flyway_schema_history_background";

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 20);

	private @Nullable BackgroundRunner runner;

	@BeforeEach
	void createOtherTable() throws Exception {
		this.database.execute("CREATE TABLE customer_2 AS SELECT * FROM customer",
				"ALTER TABLE customer_2 ADD PRIMARY KEY (id)");
		this.customers.register(DeclarationBean.read("first", migration("first", "customer"), Duration.ofSeconds(30)));
	}

	@AfterEach
	void close() {
		if (this.runner != null) {
			this.runner.close();
		}
	}

	private static BackgroundMigration migration(String name, String table) {
		return BackgroundMigration.of(Definition.of(name).table(table).since("1").where("full_name IS NULL"),
				(batch) -> batch.jdbc()
					.update("UPDATE " + table + " SET full_name = 'x' WHERE " + batch.condition(), batch.arguments()));
	}

	private void start() {
		BackgroundMigrations migrations = BackgroundMigrations.load(List.of(),
				new PathMatchingResourcePatternResolver(),
				Map.of("first", migration("first", "customer"), "second", migration("second", "customer_2")),
				Customers.settings());
		this.runner = new BackgroundRunner(migrations,
				MigrationConnections.of(Flyway.configure()
					.dataSource(new DriverManagerDataSource(this.database.url(), "postgres", ""))
					.load()
					.getConfiguration()),
				Customers.HISTORY, MigrationVersion.fromVersion("1"), (connection) -> SchemaState.AT_HEAD);
		this.runner.start();
	}

	private void beforeUpdate(String statement) {
		this.database.execute(
				"CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + statement
						+ " RETURN NEW; END $$",
				"CREATE TRIGGER trouble BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION trouble()");
	}

	private void assertThatTheOtherOneIsFinished() {
		await().until(() -> this.database.value("SELECT count(*) FROM customer_2 WHERE full_name IS NULL").equals("0"));
		assertThat(this.customers.count("full_name IS NOT NULL")).isZero();
	}

	private String firsts(String column) {
		return this.database.value("SELECT " + column + " FROM " + TABLE + " WHERE name = 'first'");
	}

	/** As a server says it that ends, and one that is a standby. */
	@ParameterizedTest
	@ValueSource(strings = { "57P01", "25006" })
	void anErrorThatOnlyLooksLikeThatOfALostConnectionIsTheRows(String state) {
		beforeUpdate("RAISE EXCEPTION 'no' USING ERRCODE = '%s';".formatted(state));
		start();
		assertThatTheOtherOneIsFinished();
		await().until(() -> firsts("state").equals("failed"));
		assertThat(firsts("last_error")).startsWith("10 rows have failed").endsWith("no (SQLSTATE " + state + ")");
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "53100", "58030" })
	void aBatchThatIsTriedAgainLaterIsNotWaitedFor(String state) {
		beforeUpdate("RAISE EXCEPTION 'no' USING ERRCODE = '%s';".formatted(state));
		start();
		assertThatTheOtherOneIsFinished();
		assertThat(firsts("state")).isEqualTo("running");
	}

	@Test
	void aBatchThatEndsItsSessionIsSetAside() {
		beforeUpdate("PERFORM pg_terminate_backend(pg_backend_pid());");
		start();
		assertThatTheOtherOneIsFinished();
		assertThat(firsts("state")).isEqualTo("running");
	}

	/** By hand, as an operator may change it. */
	@ParameterizedTest
	@ValueSource(strings = { "key_columns = '{NULL}'", "cursor_key = '{{1,2},{3,4}}'", "pass = 0", "batch_size = -1",
			"key_columns = '{id bigint}', cursor_key = '{1,2}'", "key_columns = '{id bigint}', cursor_key = '{}'",
			"key_columns = '{id bigint}', cursor_key = '{NULL}'" })
	void aRowThatMakesNoSenseIsNamed(String assignments) {
		this.database.execute("UPDATE " + TABLE + " SET " + assignments + " WHERE name = 'first'");
		try (HeadlockLog log = HeadlockLog.open()) {
			start();
			assertThatTheOtherOneIsFinished();
			assertThat(log.messages())
				.anyMatch((line) -> line.startsWith("Background migration \"first\": failed, and is "
						+ "not worked on until it is set to running again: its row in the table is not understood: "));
		}
	}

	@Test
	void aReleaseThatIsNoVersionIsReplaced() {
		this.database.execute("UPDATE " + TABLE + " SET release_head = 'abc' WHERE name = 'first'");
		start();
		await().until(() -> this.customers.count("full_name IS NULL") == 0);
		assertThat(firsts("release_head")).isEqualTo("1");
	}

	/** What only the server can tell is tried again. */
	@ParameterizedTest
	@ValueSource(strings = {
			"UPDATE %1$s SET key_columns = '{id bigint}', cursor_key = '{abc}', rows_estimated = 1 WHERE name = 'first'",
			"INSERT INTO %1$s_batch (name, upper_key, size) VALUES ('first', '{NULL}', 1)" })
	void aPositionThatMakesNoSenseIsNamed(String change) {
		this.database.execute(change.formatted(TABLE));
		try (HeadlockLog log = HeadlockLog.open()) {
			start();
			assertThatTheOtherOneIsFinished();
			assertThat(log.messages())
				.anyMatch((line) -> line.startsWith("Background migration \"first\": not worked on "
						+ "for 10.0 s, while others are, because it has failed: "));
		}
	}

}
