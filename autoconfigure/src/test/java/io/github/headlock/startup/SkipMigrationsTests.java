package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaState;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.schema.SchemaAheadException;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Processes that never migrate, with a role that may only read.
 */
@ExtendWith(OutputCaptureExtension.class)
class SkipMigrationsTests {

	private final TestDatabase database = TestDatabase.create();

	private final String reader = "reader_" + this.database.name();

	private final TestMigrations migrations;

	SkipMigrationsTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.database.execute("CREATE ROLE %s LOGIN".formatted(this.reader));
	}

	private void migrate() {
		migrating().startAndStop();
		this.database.execute("GRANT SELECT ON flyway_schema_history TO %s".formatted(this.reader));
	}

	@Tag("every-version")
	@ParameterizedTest
	@EnumSource(OnSchemaBehind.class)
	void aSchemaAtHeadIsReadyInEveryMode(OnSchemaBehind mode, CapturedOutput output) {
		migrate();
		assertThat(skipping(mode).startAndStop()).extracting(MigrationReport::outcome, MigrationReport::waited)
			.containsExactly(MigrationOutcome.SKIPPED, Duration.ZERO);
		assertThat(output)
			.contains("Database ready: schema \"public\" at version 1 (migrations skipped, at head already, took ");
	}

	@Test
	void aReportingProcessTurnsHealthyByItself(CapturedOutput output) {
		migrate();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		try (ConfigurableApplicationContext context = skipping(OnSchemaBehind.REPORT).start()) {
			SchemaHealthIndicator health = context.getBean(SchemaHealthIndicator.class);
			Health behind = await().until(health::health, (seen) -> seen.getStatus().equals(Status.OUT_OF_SERVICE));
			assertThat(behind.getDetails()).containsEntry("outcome", "skipped").containsEntry("pending", 1);
			migrate();
			await().until(() -> health.health().getStatus().equals(Status.UP));
		}
		assertThat(output).contains(
				"This process starts without migrating it, and its health says so until another one has",
				"at version 1 (migrations skipped, BEHIND: version 2 (b) is pending, took ");
	}

	@Test
	void aReportingProcessStartsOnAnEmptyDatabase() {
		assertThat(skipping(OnSchemaBehind.REPORT).startAndStop().status().state()).isEqualTo(SchemaState.BEHIND);
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
			.isEmpty();
	}

	@Tag("every-version")
	@ParameterizedTest
	@CsvSource({ "false", "true" })
	void aWaitingProcessGoesOnWhenAnotherHasMigrated(boolean killed, CapturedOutput output) throws Exception {
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> migrating = Background.start(() -> migrating().startAndStop());
			String pid = this.database.awaitMigrationAtTheGate();
			this.database.execute("GRANT SELECT ON flyway_schema_history TO %s".formatted(this.reader));
			Background<MigrationReport> waiting = Background.start(() -> skipping(OnSchemaBehind.WAIT).startAndStop());
			await().until(() -> output.toString()
				.contains("Waiting for another process to migrate the schema of \"public\".\"flyway_schema_history\""));
			if (killed) {
				// it never steps in for the one that migrates
				this.database.value("SELECT pg_terminate_backend(?::int)", pid);
				assertThat(migrating.failure()).isNotNull();
				assertThat(waiting.isDone()).isFalse();
				gate.rollback();
				migrating().startAndStop();
			}
			gate.rollback();
			assertThat(waiting.result()).extracting(MigrationReport::outcome, MigrationReport::migrations)
				.containsExactly(MigrationOutcome.SKIPPED, 0);
		}
		assertThat(output).contains("(migrations skipped, another process migrated, waited ");
	}

	@Test
	void aWaitingProcessGivesUpAfterItsTimeout() {
		assertThatThrownBy(
				() -> skipping(OnSchemaBehind.WAIT).with("headlock.schema-wait-timeout", "300ms").startAndStop())
			.cause()
			.isInstanceOfSatisfying(SchemaBehindException.class, (ex) -> {
				assertThat(ex.getExitCode()).isEqualTo(13);
				assertThat(ex)
					.hasMessage("Schema \"public\" is BEHIND, after waiting for 0.3 s: there is no history table");
			});
	}

	@Tag("every-version")
	@Test
	void aFailingProcessDoesNotWait() {
		migrate();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		assertThatThrownBy(() -> skipping(OnSchemaBehind.FAIL).startAndStop()).cause()
			.isInstanceOf(SchemaBehindException.class)
			.hasMessage("Schema \"public\" is BEHIND: version 2 (b) is pending");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void aSchemaAheadCanBeRefused() {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		migrate();
		this.migrations.delete("V2__b.sql");
		Replica replica = skipping(OnSchemaBehind.FAIL);
		assertThat(replica.startAndStop().status().state()).isEqualTo(SchemaState.AHEAD);
		assertThatThrownBy(replica.with("headlock.on-schema-ahead", "fail")::startAndStop).cause()
			.isInstanceOf(SchemaAheadException.class);
	}

	@ParameterizedTest
	@CsvSource({ "AT_HEAD, REPORT", "AT_HEAD, FAIL", "BEHIND, REPORT", "BEHIND, FAIL" })
	void theLoginThatADeadProcessLeftBlockedIsRestored(SchemaState state, OnSchemaBehind mode) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		Replica replica = roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
		replica.startAndStop();
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(replica::startAndStop);
			this.database.awaitMigrationAtTheGate();
			this.database.execute("CREATE TABLE saved AS TABLE flyway_schema_history_blocked_roles");
			gate.rollback();
			start.result();
		}
		this.database.execute("ALTER TABLE saved RENAME TO flyway_schema_history_blocked_roles",
				"ALTER TABLE flyway_schema_history_blocked_roles OWNER TO " + roles.migrator(),
				"ALTER ROLE %s NOLOGIN".formatted(roles.application()));
		if (state == SchemaState.BEHIND) {
			this.migrations.file("V3__c.sql", "CREATE TABLE c (id int)");
		}
		Replica skipping = roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", mode);
		if (state == SchemaState.BEHIND && mode == OnSchemaBehind.FAIL) {
			assertThatThrownBy(skipping::startAndStop).hasRootCauseInstanceOf(SchemaBehindException.class);
		}
		else {
			assertThat(skipping.startAndStop().status().state()).isEqualTo(state);
		}
		assertThat(roles.canLogIn()).isTrue();
		assertThat(roles.isRecorded()).isFalse();
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'c'")).isEmpty();
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@ParameterizedTest
	@EnumSource(value = OnSchemaBehind.class, names = { "REPORT", "FAIL" })
	void anOldReleaseStartsWhileALaterOneKeepsRolesOut(OnSchemaBehind mode, CapturedOutput output) throws Exception {
		migrate();
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("ALTER TABLE flyway_schema_history OWNER TO " + roles.migrator());
		try (Connection gate = this.database.gate()) {
			this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
			Background<MigrationReport> later = Background
				.start(() -> roles.blockingReplica(this.database.url(), "none")
					.with("spring.flyway.locations", this.migrations.location())
					.startAndStop());
			this.database.awaitMigrationAtTheGate();
			this.migrations.delete("V2__b.sql");
			assertThat(skipping(mode).startAndStop().status().state()).isEqualTo(SchemaState.AT_HEAD);
			assertThat(roles.canLogIn()).isFalse();
			gate.rollback();
			later.result();
		}
		assertThat(output).contains("a migration that is running blocks roles of the application");
	}

	private Replica migrating() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private Replica skipping(OnSchemaBehind mode) {
		return migrating().with("spring.datasource.username", this.reader)
			.with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", mode);
	}

}
