package io.github.headlock.history;

import java.nio.file.Path;
import java.util.Map;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.SchemaState;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.schema.HistoryHiddenException;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

/**
 * Row level security of the history, whose owner is trusted: rows that a second migrating
 * role does not see.
 */
@Tag("every-postgresql")
class RowSecurityTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	RowSecurityTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql",
				"CREATE TABLE IF NOT EXISTS public.a (id int); INSERT INTO public.a VALUES (1)");
		this.migrations.file("R__b.sql", "CREATE OR REPLACE VIEW public.b AS SELECT 1 AS one");
	}

	@BeforeEach
	void migrateAsTheOwner() {
		Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.startAndStop();
		this.database.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO " + this.roles.migrator(),
				"ALTER TABLE flyway_schema_history ENABLE ROW LEVEL SECURITY");
	}

	@Test
	void migrationsThatAreHiddenAreNotAppliedAgain() {
		assertThatException().isThrownBy(() -> replica().startAndStop())
			.havingRootCause()
			.asInstanceOf(type(HistoryHiddenException.class))
			.satisfies((ex) -> {
				assertThat(ex.getExitCode()).isEqualTo(11);
				assertThat(ex.getAction()).contains("ALTER ROLE \"" + this.roles.migrator() + "\" BYPASSRLS;");
			});
		assertThat(this.database.value("SELECT count(*) FROM a")).isEqualTo("1");
	}

	@Test
	void whatTheMessageNamesHelps() {
		this.database.execute("ALTER ROLE " + this.roles.migrator() + " BYPASSRLS");
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	@Test
	void aProcessThatSkipsMigrationsCannotTell() {
		assertThatException()
			.isThrownBy(() -> replica().with("headlock.skip-migrations", true)
				.with("headlock.on-schema-behind", "fail")
				.startAndStop())
			.havingRootCause()
			.asInstanceOf(type(SchemaBehindException.class))
			.satisfies((ex) -> assertThat(ex.getStatus().state()).isEqualTo(SchemaState.UNKNOWN));
		try (ConfigurableApplicationContext context = replica().with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", "report")
			.start()) {
			assertHealth(context, Map.of("state", "UNKNOWN", "reason",
					"row level security of the history table may hide rows; of those seen, version 1 (a) is pending, and 1 more"));
		}
	}

	@Test
	void aPolicyThatHidesNothingLeavesTheSchemaAtHead() {
		this.database.execute("CREATE POLICY all_rows ON flyway_schema_history USING (true)");
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(Replica.report(context).outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			assertHealth(context, Map.of("state", "AT_HEAD"));
		}
	}

	@Test
	void anOlderReleaseAppliesNoRepeatableMigrationThatMayBeHidden() {
		this.database.execute("CREATE POLICY versions ON flyway_schema_history USING (version IS NOT NULL)",
				"INSERT INTO flyway_schema_history SELECT 9, '9', 'later', 'SQL', 'V9__later.sql', 1, 'x', now(), 1, true");
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(Replica.report(context).outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			assertHealth(context, Map.of("state", "AHEAD", "pending", 0));
		}
	}

	private static void assertHealth(ConfigurableApplicationContext context, Map<String, Object> details) {
		assertThat(context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true).getDetails())
			.containsAllEntriesOf(details);
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.datasource.username", this.roles.migrator())
			.with("spring.flyway.locations", this.migrations.location());
	}

}
