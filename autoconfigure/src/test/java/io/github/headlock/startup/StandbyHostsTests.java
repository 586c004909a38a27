package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaState;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.StandbyReachedException;
import io.github.headlock.test.Background;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.StreamingStandby;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Starts with a URL that lists several hosts, the first of which is a hot standby.
 */
@NotInContainer("a standby of its own")
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class StandbyHostsTests {

	private static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private static PostgresServer primary;

	private static StreamingStandby standby;

	private final TestDatabase database = TestDatabase.on(primary);

	private final TestMigrations migrations;

	StandbyHostsTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		standby.awaitReplay();
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

	@Test
	@Tag("every-version")
	void thePrimaryMigrates(CapturedOutput output) {
		migrate();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		assertThat(catchThrowable(standbyFirst().plain()::start)).isNotNull();
		assertThat(standbyFirst().startAndStop().migrations()).isEqualTo(1);
		assertThat(output).contains("is a standby, where nothing can be migrated; looking for a primary");
	}

	@Test
	void aPrimaryIsWaitedForUntilThereIsOne(CapturedOutput output) throws Exception {
		try (PostgresServer old = PostgresServer.start(Map.of()); StreamingStandby next = StreamingStandby.of(old)) {
			String database = TestDatabase.on(old).name();
			next.awaitReplay();
			old.stop(PostgresServer.StopMode.IMMEDIATE);
			String hosts = "127.0.0.1:%d,127.0.0.1:%d".formatted(old.port(), next.server().port());
			Replica replica = replica("jdbc:postgresql://%s/%s".formatted(hosts, database));
			Background<MigrationReport> migrating = Background.start(replica::startAndStop);
			await().until(() -> output.toString().contains("looking for a primary"));
			next.promote();
			assertThat(migrating.result().migrations()).isEqualTo(1);
			old.startAgain();
		}
	}

	@Test
	void theWaitForAPrimaryIsBounded() {
		assertThat(catchThrowable(standbysOnly("").with("headlock.lock.timeout", "1s")::start)).rootCause()
			.isInstanceOf(StandbyReachedException.class)
			.hasMessageContaining("the schema is not at head there: ");
	}

	@Test
	void onceAPrimaryWasSeenNoConnectionGoesToAStandbyInItsPlace() throws Exception {
		String hosts = "jdbc:postgresql://127.0.0.1:1,127.0.0.1:%d/%s".formatted(standby.server().port(),
				this.database.name());
		MigrationConnections connections = MigrationConnections
			.of(Flyway.configure().dataSource(new DriverManagerDataSource(hosts, "postgres", "")));
		assertThat(connections.preferPrimary()).isTrue();
		connections.open().close();
		connections.requirePrimary();
		assertThatExceptionOfType(SQLException.class).isThrownBy(connections::open)
			.satisfies((ex) -> assertThat(ConnectionFailure.of(ex)).isEqualTo(ConnectionFailure.NOT_NOW));
	}

	@Test
	void noPrimaryIsWaitedForWhereOthersAreAskedFor(CapturedOutput output) {
		for (String type : List.of("any", "secondary", "preferSecondary", "slave", "preferSlave")) {
			Replica replica = standbysOnly("?targetServerType=" + type).with("headlock.lock.timeout", "1m");
			assertThat(catchThrowable(replica::start)).rootCause().isInstanceOf(StandbyReachedException.class);
		}
		assertThat(output).doesNotContain("looking for a primary");
	}

	@Test
	void aProcessThatSkipsMigrationsLooksForNoPrimary(CapturedOutput output) {
		MigrationReport report = standbyFirst().with("headlock.skip-migrations", true).startAndStop();
		assertThat(report.status().state()).isEqualTo(SchemaState.BEHIND);
		assertThat(output).doesNotContain("looking for a primary");
	}

	@Test
	void aCallbackWritesOnThePrimary() {
		migrate();
		this.migrations.file("afterMigrate.sql", "INSERT INTO a VALUES (1)");
		assertThat(catchThrowable(standbyFirst().plain()::start)).isNotNull();
		standbyFirst().startAndStop();
		assertThat(this.database.list("SELECT id FROM a")).containsExactly("1");
	}

	@Test
	void aCallbackThatReadsNeedsNoPrimary() {
		migrate();
		this.migrations.file("afterMigrate.sql", "SELECT 1");
		standbysOnly("").plain().start().close();
		assertThat(standbysOnly("").startAndStop().status().state()).isEqualTo(SchemaState.AT_HEAD);
	}

	@Test
	void flywayMigratesWhereTheLockIsHeld() {
		// the driver takes any of them, each time anew
		for (int version = 2; version < 14; version++) {
			this.migrations.file("V%d__b.sql".formatted(version), "CREATE TABLE b%d (id int)".formatted(version));
			assertThat(
					replica(url(standby.server(), primary) + "?loadBalanceHosts=true").startAndStop().status().state())
				.isEqualTo(SchemaState.AT_HEAD);
		}
	}

	@Test
	void aTaskForOneProcessAtATimeHasTheLockOfThePrimary(CapturedOutput output) {
		migrate();
		Task.database = this.database;
		standbyFirst().with(Task.class).startAndStop();
		assertThat(Task.locks).containsExactly(Long.toString(HISTORY.taskLockKey()));
		assertThat(output).doesNotContain("is to be run by one process at a time, but");
	}

	@Test
	void aTaskForOneProcessAtATimeNeedsNoPrimary(CapturedOutput output) {
		migrate();
		Task.database = this.database;
		standbysOnly("").with(Task.class).startAndStop();
		assertThat(Task.locks).isEmpty();
		assertThat(output).contains("is to be run by one process at a time, but");
	}

	@Test
	void backgroundMigrationsAreFinishedOnThePrimary(@TempDir Path background) {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int PRIMARY KEY, done boolean)");
		migrate();
		finishing(standbyFirst(), background).startAndStop();
		assertThat(this.database.value("SELECT state FROM flyway_schema_history_background")).isEqualTo("finished");
	}

	@Test
	void onAStandbyNoBackgroundMigrationIsFinished(@TempDir Path background, CapturedOutput output) {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int PRIMARY KEY, done boolean)");
		migrate();
		finishing(replica(standby.server().url(this.database.name())), background).startAndStop();
		assertThat(output).contains("Background migrations are not finished by this process, because ",
				" is a standby");
	}

	private static Replica finishing(Replica replica, Path background) {
		TestMigrations declared = new TestMigrations(background);
		declared.file("finish_b.sql", """
				-- headlock: table = b
				-- headlock: since = 2
				-- headlock: where = done IS NULL
				UPDATE b SET done = true WHERE ${batch}
				""");
		return replica.with("headlock.background.locations", declared.location())
			.with("headlock.background.finish", true);
	}

	private void migrate() {
		replica(this.database.url()).startAndStop();
		standby.awaitReplay();
	}

	private Replica standbyFirst() {
		return replica(url(standby.server(), primary));
	}

	private Replica standbysOnly(String parameters) {
		return replica(url(standby.server(), standby.server()) + parameters);
	}

	private String url(PostgresServer first, PostgresServer second) {
		return "jdbc:postgresql://%s:%d,%s:%d/%s".formatted(first.host(), first.port(), second.host(), second.port(),
				this.database.name());
	}

	private Replica replica(String url) {
		// Flyway alone needs three connections where there are callbacks
		return Replica.of(url, "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.datasource.hikari.maximum-pool-size", 3);
	}

	@Configuration(proxyBeanMethods = false)
	static class Task {

		static TestDatabase database;

		/** Keys that sessions of the primary hold while the task runs. */
		static List<String> locks;

		@Bean
		SchemaReadyTask once() {
			return new OneAtATime((status) -> locks = database
				.list("SELECT (classid::bigint << 32) + objid::bigint FROM pg_locks WHERE locktype = 'advisory' "
						+ "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
		}

	}

}
