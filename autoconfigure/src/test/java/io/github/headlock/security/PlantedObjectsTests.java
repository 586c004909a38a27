package io.github.headlock.security;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.flyway.MigrationBlockedException;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.roles.RolesNotBlockableException;
import io.github.headlock.test.PlantedObjects;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.upgrade.UpgradeRefusedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Functions and operators that another role has planted on the search path are called by
 * no statement of Headlock, whatever it does. Flyway's own statements and the driver's do
 * call some: those that plain Flyway calls are left out.
 */
@Tag("every-postgresql")
class PlantedObjectsTests {

	private static PostgresServer server;

	private final TestMigrations migrations;

	PlantedObjectsTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeAll
	static void start() {
		server = PostgresServer.start(PlantedObjects.SERVER_SETTINGS);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "public, hostile", "public, hostile, pg_catalog" })
	void noPlantedObjectIsCalledByAStatementOfHeadlock(String searchPath) throws Exception {
		TestDatabase database = TestDatabase.on(server);
		TestRoles roles = TestRoles.create(database);
		PlantedObjects planted = PlantedObjects.in(database);
		assertThat(planted.number()).isGreaterThan(5000);
		for (String role : List.of(roles.migrator(), roles.application())) {
			database.execute("ALTER ROLE %s SET search_path = %s".formatted(role, searchPath));
		}
		migratePlainly(database, roles);
		Set<String> ofPlainFlyway = planted.calledBy(roles.migrator());
		assertThat(ofPlainFlyway).isNotEmpty();
		database.execute("DROP TABLE flyway_schema_history, a, b");
		this.migrations.delete("V3__fails.sql");
		everyPath(database, roles);
		Set<String> called = planted.calledBy(roles.migrator());
		called.addAll(planted.calledBy(roles.application()));
		called.removeAll(ofPlainFlyway);
		assertThat(called).isEmpty();
	}

	private void migratePlainly(TestDatabase database, TestRoles roles) {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)");
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		database.execute("CREATE TABLE there (id int)");
		for (int i = 0; i < 2; i++) {
			replica(database, roles).plain()
				.with("spring.flyway.baseline-on-migrate", true)
				.with("spring.flyway.baseline-version", "0")
				.start()
				.close();
		}
		this.migrations.file("V3__fails.sql", "CREATE UNIQUE INDEX CONCURRENTLY unique_a ON a (id)");
		assertThatThrownBy(() -> replica(database, roles).plain()
			.with("spring.flyway.postgresql.transactional-lock", false)
			.start()).hasStackTraceContaining("could not create unique index");
		assertThatThrownBy(() -> replica(database, roles).plain().start()).isNotNull();
	}

	private void everyPath(TestDatabase database, TestRoles roles) throws Exception {
		Replica blocking = roles.blockingReplica(database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
		// a schema that is in use, the roles blocked and their sessions ended
		try (Connection session = roles.connect()) {
			blocking.with("spring.flyway.baseline-on-migrate", true)
				.with("spring.flyway.baseline-version", "0")
				.with("headlock.minimum-schema-version", "0")
				.startAndStop();
		}
		replica(database, roles).startAndStop();
		read(replica(database, roles));
		wait(database, roles);
		refuse(database, roles);
		queue(database, roles);
		revokeConnect(database, roles);
		endWhoKeepsTheRoleFromBeingBlocked(database, roles);
		recover(database, roles);
		leaveAnInvalidIndex(database, roles);
	}

	/** Health, endpoint, and a task that one replica runs at a time. */
	private void read(Replica replica) throws InterruptedException {
		try (ConfigurableApplicationContext context = replica.with("headlock.skip-migrations", true)
			.with(Readers.class)
			.with("management.endpoints.web.exposure.include", "headlock")
			.start()) {
			SchemaHealthIndicator health = context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class);
			assertThat(health.health(true).getDetails()).containsEntry("state", "AT_HEAD");
			assertThat(context.getBean(HeadlockEndpoint.class).describe()).isNotNull();
		}
	}

	private void wait(TestDatabase database, TestRoles roles) throws Exception {
		this.migrations.file("V3__c.sql", "CREATE TABLE c (id int)");
		try (Connection holder = database
			.hold(String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey()))) {
			assertThatThrownBy(() -> replica(database, roles).with("headlock.lock.timeout", "1s").startAndStop())
				.hasRootCauseInstanceOf(LockTimeoutException.class);
		}
	}

	private void refuse(TestDatabase database, TestRoles roles) {
		assertThatThrownBy(() -> replica(database, roles).with("headlock.minimum-schema-version", "3").startAndStop())
			.hasRootCauseInstanceOf(UpgradeRefusedException.class);
		assertThatThrownBy(() -> replica(database, roles).with("headlock.sessions.roles[0]", "nobody").startAndStop())
			.hasRootCauseInstanceOf(RolesNotBlockableException.class);
	}

	private void queue(TestDatabase database, TestRoles roles) throws Exception {
		this.migrations.file("V3__c.sql", "ALTER TABLE a ADD COLUMN b int");
		try (Connection reader = database.inTransaction("SELECT FROM a")) {
			assertThatThrownBy(() -> replica(database, roles).with("headlock.ddl.lock-timeout", "100ms")
				.with("headlock.ddl.max-attempts", 2)
				.startAndStop()).hasStackTraceContaining(MigrationBlockedException.class.getName());
		}
	}

	private void revokeConnect(TestDatabase database, TestRoles roles) {
		database.execute("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(database.name(), roles.application()));
		Replica replica = replica(database, roles).with("headlock.terminate-db-sessions", true)
			.with("headlock.sessions.block-with", "revoke-connect");
		assertThat(replica.startAndStop().migrations()).isOne();
	}

	private void endWhoKeepsTheRoleFromBeingBlocked(TestDatabase database, TestRoles roles) throws Exception {
		this.migrations.file("V4__d.sql", "CREATE TABLE d (id int)");
		Replica blocking = roles.blockingReplica(database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
		try (Connection session = roles.connect(); Statement statement = session.createStatement()) {
			session.setAutoCommit(false);
			statement.execute("ALTER ROLE %s PASSWORD 'new'".formatted(roles.application()));
			assertThat(blocking.startAndStop().migrations()).isOne();
			assertThat(session.isValid(0)).isFalse();
		}
	}

	/** The next start restores the roles that a killed one has blocked. */
	private void recover(TestDatabase database, TestRoles roles) throws Exception {
		this.migrations.file("V5__e.sql", "SELECT pg_catalog.pg_advisory_xact_lock(1, 1)");
		Replica blocking = replica(database, roles).with("headlock.sessions.roles[0]", roles.application());
		try (Connection gate = database.gate(); ReplicaProcess process = ReplicaProcess.start(blocking)) {
			database.awaitMigrationAtTheGate();
			process.kill();
		}
		assertThat(roles.isRecorded()).isTrue();
		replica(database, roles).startAndStop();
		assertThat(roles.isRecorded()).isFalse();
	}

	private void leaveAnInvalidIndex(TestDatabase database, TestRoles roles) {
		this.migrations.file("V6__fails.sql", "CREATE UNIQUE INDEX CONCURRENTLY unique_a ON a (id)");
		for (int i = 0; i < 2; i++) {
			assertThatThrownBy(() -> replica(database, roles).startAndStop()).isNotNull();
		}
	}

	private Replica replica(TestDatabase database, TestRoles roles) {
		return roles.replica(database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class Readers {

		@Bean
		SchemaReadyTask task() {
			return new SchemaReadyTask() {

				@Override
				public void run(SchemaStatus status) {
				}

				@Override
				public boolean isOneAtATime() {
					return true;
				}

			};
		}

	}

}
