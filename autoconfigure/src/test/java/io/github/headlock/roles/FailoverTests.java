package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;

import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.test.Meters;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.PostgresServer.StopMode;
import io.github.headlock.testbed.StreamingStandby;
import io.github.headlock.testbed.TestMigrations;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A failover that loses the end of a migration, on a real standby, and a replica that
 * runs through it.
 */
@NotInContainer("a standby of its own")
@ExtendWith(OutputCaptureExtension.class)
class FailoverTests {

	@Test
	void aReplicaThatRunsRestoresTheLogin(@TempDir Path folder, CapturedOutput output) throws Exception {
		TestMigrations migrations = new TestMigrations(folder);
		migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		try (PostgresServer primary = PostgresServer.start(Map.of());
				StreamingStandby standby = StreamingStandby.of(primary)) {
			TestDatabase database = TestDatabase.on(primary);
			TestRoles roles = TestRoles.create(database);
			String url = "jdbc:postgresql://%s:%d,%s:%d/%s?targetServerType=primary".formatted(primary.host(),
					primary.port(), standby.server().host(), standby.server().port(), database.name());
			Replica replica = roles.blockingReplica(url, "none").with("spring.flyway.locations", migrations.location());
			try (ConfigurableApplicationContext running = replica.with(Meters.class).start()) {
				migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
				try (ReplicaProcess migrating = ReplicaProcess.start(replica)) {
					try (Connection gate = database.gate()) {
						database.awaitMigrationAtTheGate();
						standby.awaitReplay();
						// it would find the promoted server, and restore the login there
						migrating.kill();
						primary.stop(StopMode.IMMEDIATE);
					}
					standby.promote();
				}
				assertThat(canLogIn(standby, roles)).isFalse();
				await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
					assertThat(running.getBean(SchemaHealthIndicator.class).health().getDetails())
						.containsEntry("state", "AT_HEAD")
						.hasEntrySatisfying("blockedRoles",
								(names) -> assertThat(names).asString().contains(roles.application()));
					assertThat(running.getBean(MeterRegistry.class).get("headlock.roles.blocked").gauge().value())
						.isEqualTo(1);
				});
				await().atMost(Duration.ofMinutes(3)).until(() -> canLogIn(standby, roles));
				await()
					.untilAsserted(() -> assertThat(running.getBean(SchemaHealthIndicator.class).health().getDetails())
						.doesNotContainKey("blockedRoles"));
			}
		}
		assertThat(output).contains("nobody has been at work for ");
	}

	@Test
	void aReplicaThatReachesAStandbyLooksForThePrimary() throws Exception {
		try (PostgresServer primary = PostgresServer.start(Map.of());
				StreamingStandby standby = StreamingStandby.of(primary)) {
			TestDatabase database = TestDatabase.on(primary);
			TestRoles roles = TestRoles.create(database);
			roles.replica(database.url(), "basic").startAndStop();
			LeftOverBlock.leave(database, roles);
			standby.awaitReplay();
			String url = "jdbc:postgresql://%s:%d,%s:%d/%s".formatted(standby.server().host(), standby.server().port(),
					primary.host(), primary.port(), database.name());
			RoleRestoreWatch watch = LeftOverBlock.watch(new DriverManagerDataSource(url, roles.migrator(), ""),
					Duration.ZERO);
			watch.look();
			assertThat(roles.canLogIn()).isFalse();
			await().until(() -> {
				watch.look();
				return roles.canLogIn();
			});
		}
	}

	private static boolean canLogIn(StreamingStandby standby, TestRoles roles) throws Exception {
		try (Connection connection = standby.server().connect("postgres");
				var statement = connection.createStatement();
				var row = statement.executeQuery(
						"SELECT rolcanlogin FROM pg_roles WHERE rolname = '%s'".formatted(roles.application()))) {
			return row.next() && row.getBoolean(1);
		}
	}

}
