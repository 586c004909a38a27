package io.github.headlock.startup;

import java.util.Map;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.PostgresServer.StopMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A process that waits for a migration which keeps its own role out, on a server that
 * restarts meanwhile.
 */
@NotInContainer("a server of its own")
@ExtendWith(OutputCaptureExtension.class)
class BlockedLoginRestartTests {

	@Test
	void aRestartEndsNoWait(CapturedOutput output) throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of())) {
			TestDatabase database = TestDatabase.on(server);
			TestRoles roles = TestRoles.create(database);
			roles.replica(database.url(), "basic").startAndStop();
			database.execute("GRANT SELECT ON flyway_schema_history TO " + roles.application(),
					"ALTER ROLE %s NOLOGIN".formatted(roles.application()));
			Replica pod = Replica.of(database.url(), "basic")
				.with("spring.datasource.username", roles.application())
				.with("headlock.skip-migrations", true)
				.with("headlock.on-schema-behind", "wait");
			Background<MigrationReport> start = Background.start(pod::startAndStop);
			await().until(() -> start.isDone() || output.getOut().contains("refuses the login, trying again"));
			server.stop(StopMode.FAST);
			await().until(() -> start.isDone() || output.getOut().contains("takes no connection yet, trying again"));
			assertThat(start.isDone()).isFalse();
			server.startAgain();
			database.execute("ALTER ROLE %s LOGIN".formatted(roles.application()));
			assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		}
	}

}
