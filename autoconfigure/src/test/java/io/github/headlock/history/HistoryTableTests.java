package io.github.headlock.history;

import java.sql.Connection;

import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The key, held against the one that a plain Flyway takes.
 */
class HistoryTableTests {

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@CsvSource({ "public, flyway_schema_history", "public, History", "'a b', history", "'quo\"te', history",
			"Größe, тест" })
	void theKeyIsFlywaysOwn(String schema, String table) throws Exception {
		try (Connection gate = this.database.connect()) {
			gate.setAutoCommit(false);
			gate.createStatement().execute("SELECT pg_advisory_xact_lock(1, 1)");
			Background<Integer> flyway = Background.start(() -> Flyway.configure()
				.dataSource(this.database.url(), "postgres", "")
				.defaultSchema(schema)
				.table(table)
				.locations("classpath:db/gated")
				.load()
				.migrate().migrationsExecuted);
			await()
				.until(() -> !this.database.list("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
					.isEmpty());
			assertThat(this.database.value("SELECT (classid::bigint << 32) + objid::bigint FROM pg_locks "
					+ "WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND database = "
					+ "(SELECT oid FROM pg_database WHERE datname = current_database())"))
				.isEqualTo(String.valueOf(new HistoryTable(schema, table).lockKey()));
			gate.rollback();
			assertThat(flyway.result()).isEqualTo(2);
		}
	}

	@Test
	void noTablesKeyForTasksIsAnotherOnesKeyForMigrations() {
		long smallestOfFlyway = 0x466C79776179L + Integer.MIN_VALUE;
		assertThat(smallestOfFlyway).isPositive();
		HistoryTable table = new HistoryTable("public", "flyway_schema_history");
		assertThat(table.taskLockKey()).isNegative().isEqualTo(-table.lockKey());
	}

}
