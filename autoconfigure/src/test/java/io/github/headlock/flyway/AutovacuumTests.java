package io.github.headlock.flyway;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;

import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An autovacuum that prevents transaction ID wraparound does not give way to a migration,
 * as others do.
 */
class AutovacuumTests {

	private static final Map<String, String> AUTOVACUUM = Map.of("autovacuum", "on", "autovacuum_naptime", "1s");

	/** Another vacuum than the one that is forced never begins, and that one rests. */
	private static final String TABLE = "CREATE TABLE a (id int, filler text) WITH (autovacuum_enabled = false, "
			+ "autovacuum_freeze_max_age = 100000, autovacuum_freeze_min_age = 0, autovacuum_vacuum_cost_delay = 100, "
			+ "autovacuum_vacuum_cost_limit = 1)";

	@Test
	void theOneThatPreventsWraparoundIsNamed(@TempDir Path folder) throws Exception {
		TestMigrations migrations = new TestMigrations(folder);
		migrations.file("V1__a.sql", "ALTER TABLE a ADD COLUMN b int");
		try (PostgresServer server = PostgresServer.start(AUTOVACUUM)) {
			TestDatabase database = TestDatabase.on(server);
			TestRoles roles = TestRoles.create(database);
			database.execute(TABLE, "ALTER TABLE a OWNER TO " + roles.migrator());
			vacuumForWraparound(database);
			assertThatException()
				.isThrownBy(() -> roles.replica(database.url(), "none")
					.with("spring.flyway.locations", migrations.location())
					.with("spring.flyway.baseline-on-migrate", true)
					.with("spring.flyway.baseline-version", 0)
					.with("headlock.ddl.lock-timeout", "2s")
					.with("headlock.ddl.max-attempts", 1)
					.startAndStop())
				.havingCause()
				.asInstanceOf(type(MigrationBlockedException.class))
				.satisfies((ex) -> {
					assertThat(ex.getMessage()).containsPattern("blocked by: \\[pid \\d+, autovacuum worker");
					assertThat(ex.getAction()).contains("VACUUM (FREEZE)");
				});
		}
	}

	private static void vacuumForWraparound(TestDatabase database) throws Exception {
		database.execute("INSERT INTO a SELECT i, repeat('x', 1000) FROM generate_series(1, 5000) AS i");
		try (Connection connection = database.connect()) {
			connection.createStatement()
				.execute("DO $$ BEGIN FOR i IN 1..110000 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$");
		}
		await().until(() -> !database.list(
				"SELECT pid FROM pg_stat_activity WHERE query LIKE 'autovacuum: VACUUM% public.a (to prevent wraparound)'")
			.isEmpty());
	}

}
