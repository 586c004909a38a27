package io.github.headlock.history;

import java.nio.file.Path;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.schema.HistoryHiddenException;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.health.contributor.Health;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What another role has put in the place of the history table, so that its function runs
 * as the migrating role, which has {@code CREATEROLE}.
 */
@Tag("every-postgresql")
class ReadabilityCheckTests {

	private static final String COLUMNS = "installed_rank int, version varchar(50), description varchar(200), "
			+ "type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), "
			+ "installed_on timestamp, execution_time int, success boolean";

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	ReadabilityCheckTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE public.a (id int)");
	}

	@BeforeEach
	void letTheApplicationCreate() {
		this.database.execute("GRANT CREATE ON SCHEMA public TO \"%s\"".formatted(this.roles.application()));
	}

	private void plant(String volatility, String... statements) {
		String function = """
				CREATE FUNCTION public.planted(value int) RETURNS int %s LANGUAGE plpgsql AS $$
				BEGIN
					IF current_user = '%s' THEN
						ALTER ROLE "%s" CREATEROLE;
					END IF;
					RETURN value;
				END $$""".formatted(volatility, this.roles.migrator(), this.roles.application());
		this.database.execute("SET ROLE \"%s\"; ".formatted(this.roles.application()) + function + "; "
				+ String.join("; ", statements));
	}

	@Test
	void aViewIsNotRead() {
		plant("VOLATILE",
				"""
						CREATE VIEW public.flyway_schema_history AS SELECT public.planted(1) AS installed_rank, \
						'1'::varchar AS version, 'a'::varchar AS description, 'SQL'::varchar AS type, 'V1__a.sql'::varchar AS script, \
						1 AS checksum, 'x'::varchar AS installed_by, now()::timestamp AS installed_on, 1 AS execution_time, \
						true AS success""",
				"GRANT SELECT ON public.flyway_schema_history TO PUBLIC");
		assertThatException().isThrownBy(() -> replica().startAndStop()).withStackTraceContaining("non-empty schema");
		assertNotRead(" is not read, because it is not a table");
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"CREATE POLICY p ON public.flyway_schema_history USING (public.planted(1) = 1); "
					+ "ALTER TABLE public.flyway_schema_history ENABLE ROW LEVEL SECURITY; "
					+ "ALTER TABLE public.flyway_schema_history FORCE ROW LEVEL SECURITY",
			"CREATE INDEX ON public.flyway_schema_history (installed_rank) WHERE public.planted(1) = 1",
			"CREATE INDEX ON public.flyway_schema_history ((installed_rank + public.planted(1)))",
			"CREATE STATISTICS s ON (installed_rank + public.planted(1)), version FROM public.flyway_schema_history" })
	void aTableOfAnotherRoleThatRunsItsCodeIsNotRead(String code) {
		plant("IMMUTABLE", "CREATE TABLE public.flyway_schema_history (%s)".formatted(COLUMNS), code,
				"GRANT ALL ON public.flyway_schema_history TO PUBLIC");
		assertNotRead("is not read, because it has ");
	}

	@Test
	void aPartitionedTableOfAnotherRoleIsNotRead() {
		plant("IMMUTABLE",
				"CREATE TABLE public.flyway_schema_history (%s) PARTITION BY LIST ((installed_rank + public.planted(1)))"
					.formatted(COLUMNS),
				"GRANT ALL ON public.flyway_schema_history TO PUBLIC");
		assertNotRead("is not read, because it is partitioned");
	}

	@Test
	void anOrdinaryTableOfAnotherRoleIsRead() {
		replica().startAndStop();
		this.database.execute("ALTER TABLE flyway_schema_history OWNER TO \"%s\"".formatted(this.roles.application()),
				"GRANT ALL ON flyway_schema_history TO " + this.roles.migrator());
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	/** The driver then has each message described before it is executed. */
	@Test
	void aNegativePrepareThresholdWorks() {
		Replica replica = replica().with("spring.flyway.url", this.database.url() + "?prepareThreshold=-1");
		assertThat(replica.startAndStop().migrations()).isOne();
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(replica.plain().start().isActive()).isTrue();
	}

	@Test
	void whatRowSecurityOfAnotherRoleHidesIsNotMigratedAgain() {
		plant("IMMUTABLE", "CREATE TABLE public.flyway_schema_history (%s)".formatted(COLUMNS),
				"ALTER TABLE public.flyway_schema_history ENABLE ROW LEVEL SECURITY",
				"ALTER TABLE public.flyway_schema_history FORCE ROW LEVEL SECURITY",
				"GRANT ALL ON public.flyway_schema_history TO PUBLIC");
		assertThatException().isThrownBy(() -> replica().startAndStop())
			.havingRootCause()
			.isInstanceOf(HistoryHiddenException.class);
		assertNotRead("is not read, because it has row level security, which can hide rows");
	}

	private void assertNotRead(String reason) {
		try (ConfigurableApplicationContext context = replica().with("headlock.skip-migrations", true).start()) {
			Health health = context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true);
			assertThat(health.getDetails()).containsEntry("state", "UNKNOWN");
			assertThat(String.valueOf(health.getDetails().get("reason"))).contains(reason);
		}
		assertThat(this.database.value("SELECT rolcreaterole FROM pg_roles WHERE rolname::text = ?",
				this.roles.application()))
			.isEqualTo("f");
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

}
