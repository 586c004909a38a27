package io.github.headlock.background;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import io.github.headlock.background.BackgroundActionException.Reason;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.StreamingStandby;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Operators of a process that is connected to a standby.
 */
@NotInContainer("copies the files of a server")
class StandbyOperationsTests {

	@TempDir
	private Path folder;

	@Test
	void anActionIsRefusedAndSaysWhereToAskForIt() throws Exception {
		try (PostgresServer primary = PostgresServer.start(Map.of());
				StreamingStandby standby = StreamingStandby.of(primary)) {
			TestDatabase database = TestDatabase.on(primary);
			OperatedCustomers customers = OperatedCustomers.create(database, 100, this.folder);
			customers.register();
			standby.awaitReplay();
			String url = standby.server().url(database.name());
			BackgroundOperations operations = customers.operations(url, "postgres", Duration.ofSeconds(30));
			for (BackgroundAction action : BackgroundAction.values()) {
				BackgroundActionException refusal = catchThrowableOfType(BackgroundActionException.class,
						() -> operations.run(action, "backfill", null));
				assertThat(refusal.reason()).isEqualTo(Reason.REFUSED);
				assertThat(refusal).hasMessage("%s is a standby, where nothing can be changed. Ask for %s in a "
						+ "process that is connected to the primary", url, action);
			}
		}
	}

}
