package io.github.headlock.modulith;

import java.util.List;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications in which Spring Modulith migrates each module on its own.
 */
class SpringModulithTests {

	private final TestDatabase database = TestDatabase.create();

	@Test
	void eachModuleIsMigratedUnderTheLockOfItsHistory() throws Exception {
		String output = run(replica());
		// the index could not be created beside Flyway's own lock
		assertMigrated();
		assertThat(output).contains("Managed: true, health: UP")
			.contains("Migration lock of \"public\".\"flyway_schema_history\" taken",
					"Migration lock of \"public\".\"flyway_schema_history_billing\" taken",
					"Migration lock of \"public\".\"flyway_schema_history_orders\" taken")
			.containsOnlyOnce("This process has several history tables, [")
			.doesNotContain("not active");
	}

	@Test
	void aSchemaAtHeadIsNotMigratedAgain() throws Exception {
		run(replica());
		assertThat(run(replica())).contains("Managed: true, health: UP")
			.doesNotContain("Migration lock of", "has migrated");
	}

	@Test
	void withoutHeadlockSpringModulithMigratesAlone() throws Exception {
		Replica replica = replica().with("spring.flyway.postgresql.transactional-lock", false).plain();
		assertThat(run(replica)).contains("Managed: false, health: UNKNOWN",
				"Headlock is not active: headlock.enabled=false");
		assertMigrated();
	}

	@Test
	void aProcessThatSkipsMigratesNoModule() throws Exception {
		assertThat(run(replica().with("headlock.skip-migrations", true))).contains("health: OUT_OF_SERVICE");
		assertThat(histories()).isEmpty();
		run(replica());
		assertThat(run(replica().with("headlock.skip-migrations", true))).contains("health: UP");
	}

	@Test
	void aProcessThatSkipsSaysThatOneModuleIsBehind() throws Exception {
		run(replica());
		this.database.execute("DROP TABLE flyway_schema_history_billing");
		assertThat(run(replica().with("headlock.skip-migrations", true)))
			.contains("Managed: true, health: OUT_OF_SERVICE");
	}

	@Test
	void aJobMigratesEachModuleAndEnds() throws Exception {
		assertThat(run(replica().with("headlock.exit-after-migration", true)))
			.contains("Exiting, because headlock.exit-after-migration is set")
			.doesNotContain("Managed: ");
		assertMigrated();
	}

	@Test
	void rulesForOneHistoryAreRefusedBeforeAnyModuleIsMigrated() throws Exception {
		assertRefused("headlock.minimum-schema-version", replica().with("headlock.minimum-schema-version", 1));
		assertRefused("headlock.required-stops[0].schema-version",
				replica().with("headlock.required-stops[0].schema-version", 1)
					.with("headlock.required-stops[0].release", "1.0"));
		assertThat(histories()).isEmpty();
	}

	private static void assertRefused(String property, Replica replica) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startWithSpringModulith(ModularApplication.class, replica)) {
			assertThat(process.exitCode()).as(process::output).isOne();
			assertThat(process.output()).contains("configuration property '" + property + "'",
					"The application has several histories, one for each module, with versions of their own.");
		}
	}

	@Test
	void aLocationInWhichItFindsNoMigrationsIsNamed() throws Exception {
		Replica replica = replica().with("spring.flyway.locations", "filesystem:src/test/resources/db/modulith");
		assertThat(run(replica)).contains("Managed: false, health: UNKNOWN",
				"Nothing is migrated: Spring Modulith has found no migrations of any module in "
						+ "[filesystem:src/test/resources/db/modulith]");
		run(replica.plain());
		assertThat(histories()).isEmpty();
	}

	@Test
	void whereItsStrategyIsNotTurnedOnTheApplicationIsMigratedAsAlways() throws Exception {
		Replica replica = replica().with("spring.modulith.runtime.flyway-enabled", false)
			.with("spring.flyway.locations", "classpath:db/basic");
		assertThat(run(replica)).contains("Managed: true, health: UP");
		assertThat(histories()).containsExactly("flyway_schema_history");
	}

	private void assertMigrated() {
		assertThat(histories()).containsExactly("flyway_schema_history", "flyway_schema_history_billing",
				"flyway_schema_history_orders");
		assertThat(this.database.list("SELECT relname FROM pg_class "
				+ "WHERE relname IN ('of_all', 'orders', 'orders_id', 'bills') ORDER BY 1"))
			.containsExactly("bills", "of_all", "orders", "orders_id");
	}

	private List<String> histories() {
		return this.database.list("SELECT relname FROM pg_class WHERE relkind = 'r' "
				+ "AND relname LIKE 'flyway_schema_history%' ORDER BY 1");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "modulith").with("spring.modulith.runtime.flyway-enabled", true);
	}

	private static String run(Replica replica) throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startWithSpringModulith(ModularApplication.class, replica)) {
			assertThat(process.exitCode()).as(process::output).isZero();
			return process.output();
		}
	}

}
