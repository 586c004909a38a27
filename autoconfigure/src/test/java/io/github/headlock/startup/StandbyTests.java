package io.github.headlock.startup;

import org.postgresql.Driver;
import java.util.Properties;
import io.github.headlock.test.DocumentationPage;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaState;
import io.github.headlock.actuate.BoundedSchemaProbe;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.jdbc.StandbyReachedException;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.test.Background;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.StreamingStandby;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Starts that reach a hot standby, where advisory locks exclude nobody.
 */
@NotInContainer("a standby of its own")
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class StandbyTests {

	private static PostgresServer primary;

	private static StreamingStandby standby;

	private final TestDatabase database = TestDatabase.on(primary);

	private final TestMigrations migrations;

	StandbyTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeAll
	static void startServers() {
		primary = PostgresServer.start(Map.of());
		standby = StreamingStandby.of(primary);
	}

	@AfterAll
	static void stopServers() {
		standby.close();
		primary.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Tag("every-version")
	void aSchemaAtHeadStarts(boolean skips) {
		migrate();
		onStandby().plain().start().close();
		MigrationReport report = onStandby().with("headlock.skip-migrations", skips).startAndStop();
		assertThat(report.outcome()).isEqualTo(skips ? MigrationOutcome.SKIPPED : MigrationOutcome.FAST_PATH);
	}

	@Test
	void aStartAtHeadAsksNoMoreThanOnThePrimary() {
		migrate();
		assertThat(turnsAtHead(standby.server())).isEqualTo(turnsAtHead(primary));
	}

	private int turnsAtHead(PostgresServer server) {
		try (CountingProxy proxy = CountingProxy.start(server, Duration.ZERO)) {
			assertThat(replica(proxy.url(this.database.name())).startAndStop().outcome())
				.isEqualTo(MigrationOutcome.FAST_PATH);
			return proxy.counts().turns();
		}
	}

	@Test
	void aMigrationJobEndsAtHead() throws Exception {
		migrate();
		try (ReplicaProcess job = ReplicaProcess.start(onStandby().with("headlock.exit-after-migration", true))) {
			assertThat(job.exitCode()).as(job.output()).isZero();
		}
	}

	@Test
	@Tag("every-version")
	void aSchemaBehindIsToldAsAStandby(CapturedOutput output) {
		migrate();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		try (ConfigurableApplicationContext context = skipping("report").start()) {
			SchemaHealthIndicator indicator = context.getBean(SchemaHealthIndicator.class);
			assertThat(indicator.health().getDetails().get("reason"))
				.isEqualTo("version 2 (b) is pending; read from a standby, which may be behind its primary");
			migrate();
			Health health = indicator.health();
			assertThat(health.getDetails()).containsEntry("state", "AT_HEAD").doesNotContainKey("reason");
		}
		assertThat(output).contains("BEHIND: version 2 (b) is pending; read from a standby");
	}

	@Test
	void anEmptyDatabaseIsToldAsAStandby() {
		standby.awaitReplay();
		assertThat(catchThrowable(skipping("fail")::start)).rootCause()
			.isInstanceOf(SchemaBehindException.class)
			.hasMessageContaining("read from a standby, which may be behind its primary");
	}

	@Test
	void nothingIsConcludedFromALockDuringAMigration(CapturedOutput output) throws Exception {
		String role = role();
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> migrating = Background
				.start(() -> onPrimary().with("headlock.sessions.roles", role).startAndStop());
			this.database.awaitMigrationAtTheGate();
			standby.awaitReplay();
			Background<MigrationReport> waiting = Background.start(() -> skipping("wait").startAndStop());
			await().until(() -> output.toString().contains("read from a standby"));
			assertThat(skipping("report").startAndStop().status().state()).isEqualTo(SchemaState.BEHIND);
			gate.rollback();
			assertThat(migrating.result().migrations()).isEqualTo(2);
			assertThat(waiting.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		}
		assertThat(output).doesNotContain("ALTER ROLE", "left roles blocked");
	}

	@Test
	void rolesThatAreBlockedKeepNoProcessFromAStartAtHead(CapturedOutput output) throws Exception {
		String role = role();
		migrate();
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> migrating = Background
				.start(() -> onPrimary().with("headlock.sessions.roles", role).startAndStop());
			this.database.awaitMigrationAtTheGate();
			standby.awaitReplay();
			this.migrations.delete("V2__b.sql");
			assertThat(onStandby().startAndStop().status().state()).isEqualTo(SchemaState.AT_HEAD);
			assertThat(skipping("report").startAndStop().status().state()).isEqualTo(SchemaState.AT_HEAD);
			gate.rollback();
			assertThat(migrating.result().migrations()).isEqualTo(1);
		}
		assertThat(output).contains("a standby does not show whether a migration is running")
			.doesNotContain("ALTER ROLE", "left roles blocked");
	}

	@Test
	@Tag("every-version")
	void aProcessThatIsToMigrateSaysWhatToSet() {
		migrate();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		assertThat(catchThrowable(onStandby().plain()::start)).isNotNull();
		StandbyReachedException refusal = refusal(onStandby());
		assertThat(refusal.getExitCode()).isEqualTo(1);
		assertThat(refusal).hasMessageContaining("is a standby").hasMessageContaining("version 2 (b) is pending");
		assertThat(refusal.getDatabase()).isEqualTo(standby.server().url(this.database.name()));
		assertThat(refusal.getAction()).contains("targetServerType=primary", "spring.flyway.url");
		DocumentationPage.Section section = DocumentationPage.read("runbook.md").section("A standby was reached");
		assertThat(refusal.getMessage()).containsPattern(section.nextLog());
		assertThat(section.rest()).singleElement()
			.satisfies((url) -> assertThat(Driver.parseURL(url, new Properties())).containsEntry("targetServerType",
					"primary"));
	}

	@Test
	void aCallbackThatWritesIsToldAsAStandby() {
		migrate();
		this.migrations.file("afterMigrate.sql", "INSERT INTO a VALUES (1)");
		assertThat(catchThrowable(onStandby().plain()::start)).isNotNull();
		assertThat(refusal(onStandby())).hasMessageContaining("there is something to change: ")
			.hasMessageContaining("cannot execute INSERT in a read-only transaction");
	}

	@Test
	void aCallbackThatReadsRuns() {
		migrate();
		this.migrations.file("afterMigrate.sql", "SELECT 1");
		onStandby().plain().start().close();
		assertThat(onStandby().startAndStop().status().state()).isEqualTo(SchemaState.AT_HEAD);
	}

	@Test
	void aRepeatableMigrationOfAnOlderReleaseIsLeftOut(CapturedOutput output) {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		migrate();
		this.migrations.delete("V2__b.sql");
		this.migrations.file("R__c.sql", "CREATE OR REPLACE VIEW c AS SELECT 1 AS one");
		assertThat(onStandby().startAndStop().status().state()).isEqualTo(SchemaState.AHEAD);
		assertThat(output).contains(
				"On a standby nothing is applied; " + "number of repeatable migrations that were never applied: 1");
	}

	@Test
	void aTaskForOneProcessAtATimeWarnsThatTheLockIsOfAStandby(CapturedOutput output) {
		migrate();
		int before = Task.RUNS.get();
		onStandby().with(Task.class).startAndStop();
		assertThat(Task.RUNS).hasValue(before + 1);
		assertThat(output).contains("The task \"once\" is to be run by one process at a time, but "
				+ standby.server().url(this.database.name())
				+ " is a standby, whose lock keeps out only processes that reached the same standby");
	}

	@Test
	void theEndpointDoesNotShowALockOfAStandbyAsFree() throws Exception {
		migrate();
		try (ConfigurableApplicationContext context = onStandby().start()) {
			HeadlockEndpoint endpoint = new HeadlockEndpoint(context.getBean(HeadlockMigrationStrategy.class),
					new BoundedSchemaProbe(Runnable::run));
			assertThat(endpoint.describe().problem())
				.isEqualTo("Read from a standby, which does not show who holds the lock on its primary");
		}
	}

	private static StandbyReachedException refusal(Replica replica) {
		Throwable failure = catchThrowable(replica.with("headlock.enabled", true)::start);
		return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
			.filter(StandbyReachedException.class::isInstance)
			.map(StandbyReachedException.class::cast)
			.findFirst()
			.orElseThrow(() -> new AssertionError(failure));
	}

	private String role() {
		String role = "shop_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(role));
		return role;
	}

	private void migrate() {
		onPrimary().startAndStop();
		standby.awaitReplay();
	}

	private Replica onPrimary() {
		return replica(this.database.url());
	}

	private Replica onStandby() {
		return replica(standby.server().url(this.database.name()));
	}

	private Replica skipping(String onSchemaBehind) {
		return onStandby().with("headlock.skip-migrations", true).with("headlock.on-schema-behind", onSchemaBehind);
	}

	private Replica replica(String url) {
		// Flyway alone needs three connections where there are callbacks
		return Replica.of(url, "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.datasource.hikari.maximum-pool-size", 3);
	}

	@Configuration(proxyBeanMethods = false)
	static class Task {

		static final AtomicInteger RUNS = new AtomicInteger();

		@Bean
		SchemaReadyTask once() {
			return new OneAtATime((status) -> RUNS.incrementAndGet());
		}

	}

}
