package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Event triggers of the database, which run when the record of blocked roles is created
 * and dropped.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class EventTriggerTests {

	private static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	EventTriggerTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void migrateToTheFirstVersion() {
		replica().startAndStop();
		this.migrations.file("V2__b.sql", "INSERT INTO a VALUES (2)");
	}

	@Test
	void aTriggerFindsTheTablesThatItFindsInAMigration() throws Exception {
		this.database.execute("CREATE SCHEMA audit", "CREATE TABLE audit.ddl_log (tag text)",
				"GRANT USAGE ON SCHEMA audit TO %s".formatted(this.roles.migrator()),
				"GRANT ALL ON audit.ddl_log TO %s".formatted(this.roles.migrator()),
				"ALTER DATABASE %s SET search_path = public, audit".formatted(this.database.name()));
		onDdl("log_ddl", "ddl_command_end", "INSERT INTO ddl_log VALUES (tg_tag);");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		replica().plain().start().close();
		assertThat(log()).containsExactly("CREATE TABLE");
		this.migrations.file("V3__c.sql", "INSERT INTO b VALUES (3)");
		assertThat(blocking().startAndStop().migrations()).isOne();
		assertThat(log()).contains("DROP TABLE");
		assertLoginRestored();
	}

	private List<String> log() {
		return this.database.list("SELECT tag FROM audit.ddl_log");
	}

	@Test
	void aTriggerThatFailsOnTheRecordIsNamedAtOnceAndNobodyIsPutOut(CapturedOutput output) throws Exception {
		onDdl("log_ddl", "ddl_command_end", "INSERT INTO ddl_log VALUES (tg_tag);");
		String untouched = roleVersion();
		try (Connection session = this.roles.connect()) {
			assertThatThrownBy(() -> blocking().startAndStop()).cause()
				.isInstanceOfSatisfying(RolesNotBlockableException.class, (ex) -> {
					assertThat(ex.getExitCode()).isEqualTo(12);
					assertThat(ex).hasMessageContainingAll("the event trigger log_ddl refuses the table",
							"flyway_schema_history_blocked_roles", "relation \"ddl_log\" does not exist",
							"PL/pgSQL function", "log_ddl()");
					assertThat(ex.getAction()).contains("ALTER EVENT TRIGGER log_ddl DISABLE;");
				});
			assertThat(session.isValid(0)).isTrue();
		}
		assertThat(output).doesNotContain("trying again");
		assertThat(roleVersion()).isEqualTo(untouched);
		assertThat(this.database.history()).containsExactly("1");
		assertLoginRestored();
		// the migration alone, which changes no table, is none of the trigger's business
		replica().plain().start().close();
		assertThat(this.database.history()).containsExactly("1", "2");
	}

	@Test
	void aTriggerThatKeepsTheRecordKeepsNobodyOut(CapturedOutput output) throws Exception {
		forbidDrop();
		assertThat(blocking().startAndStop().migrations()).isOne();
		assertThat(this.roles.isRecorded()).isTrue();
		this.roles.connect().close();
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		this.migrations.file("V3__c.sql", "INSERT INTO a VALUES (3)");
		assertThat(blocking().startAndStop().migrations()).isOne();
		this.roles.connect().close();
		assertThat(output).contains("blocks nobody, and is dropped at a later start: ERROR: no table is dropped here")
			.doesNotContain("left roles blocked", "had left these roles blocked");
		this.database.execute("DROP EVENT TRIGGER forbid_drop");
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertLoginRestored();
	}

	@Test
	void anEmptyRecordIsNoBlockForWhoMayOnlyReadTheHistory(CapturedOutput output) throws Exception {
		forbidDrop();
		blocking().startAndStop();
		String reader = "reader_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(reader),
				"GRANT SELECT ON flyway_schema_history TO %s".formatted(reader));
		assertThat(replica().with("spring.flyway.user", reader)
			.with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", "wait")
			.startAndStop()
			.outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		assertThat(replica().with("spring.flyway.user", reader).startAndStop().outcome())
			.isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(output).doesNotContain("left roles blocked");
		RoleLockouts lockouts = new RoleLockouts(
				MigrationConnections
					.of(Flyway.configure().dataSource(this.database.url(), reader, "").load().getConfiguration()),
				HISTORY);
		try (Connection connection = DriverManager.getConnection(this.database.url(), reader, "")) {
			assertThat(lockouts.exist(connection)).isFalse();
			assertThat(lockouts.list(connection)).isEmpty();
		}
	}

	/** Changes with every ALTER ROLE. */
	private String roleVersion() {
		return this.database.value("SELECT xmin FROM pg_authid WHERE rolname = ?", this.roles.application());
	}

	private void forbidDrop() {
		onDdl("forbid_drop", "ddl_command_start",
				"IF tg_tag = 'DROP TABLE' THEN RAISE EXCEPTION 'no table is dropped here'; END IF;");
	}

	private void onDdl(String trigger, String event, String body) {
		this.database
			.execute(
					"CREATE FUNCTION %s() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN %s END $$"
						.formatted(trigger, body),
					"CREATE EVENT TRIGGER %1$s ON %2$s EXECUTE FUNCTION %1$s()".formatted(trigger, event));
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private void assertLoginRestored() throws Exception {
		this.roles.connect().close();
		assertThat(this.roles.isRecorded()).isFalse();
	}

}
