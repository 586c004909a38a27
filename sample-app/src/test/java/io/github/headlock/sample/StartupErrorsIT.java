package io.github.headlock.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a user reads when the packaged application cannot start.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StartupErrorsIT {

	private final PackagedSample sample;

	StartupErrorsIT(@TempDir Path folder) {
		this.sample = new PackagedSample(folder);
	}

	@Test
	void anUnreachableDatabaseIsNamedByItsUrl() throws Exception {
		String url = "jdbc:postgresql://127.0.0.1:%d/parcels".formatted(unusedPort());
		assertThat(fail("--server.port=0", "--spring.datasource.url=" + url)).contains("APPLICATION FAILED TO START")
			.contains("The database cannot be reached (%s)".formatted(url))
			.contains("spring.datasource.url");
	}

	@Test
	void aPortInUseIsNamed() throws Exception {
		try (ServerSocket socket = new ServerSocket(0)) {
			assertThat(fail("--server.port=" + socket.getLocalPort())).contains("APPLICATION FAILED TO START")
				.contains("Port %d was already in use".formatted(socket.getLocalPort()));
		}
	}

	@Test
	void aWrongPropertyValueIsNamedByItsProperty() throws Exception {
		assertThat(fail("--server.port=0", "--headlock.lock.poll-interval=0")).contains("APPLICATION FAILED TO START")
			.contains("Property: headlock.lock.poll-interval")
			.contains("It must be between 1 ms and 1 hour");
	}

	@Test
	void aMisspelledPropertyIsNamed() throws Exception {
		assertThat(fail("--server.port=0", "--headlock.lock.timout=1m")).contains("APPLICATION FAILED TO START")
			.contains("Headlock has no such property: headlock.lock.timout");
	}

	@Test
	void aLockTimeoutHasItsOwnExitCode() throws Exception {
		HistoryTable table = new HistoryTable("public", "flyway_schema_history");
		try (PostgresServer server = PostgresServer.start(Map.of());
				Connection holder = server.connect("postgres");
				Statement statement = holder.createStatement()) {
			statement.execute("SELECT pg_advisory_lock(" + table.lockKey() + ")");
			assertThat(this.sample.fail(10, "--server.port=0", "--spring.datasource.url=" + server.url("postgres"),
					"--spring.datasource.username=postgres", "--headlock.lock.timeout=1s"))
				.contains("APPLICATION FAILED TO START")
				.contains("No migration lock of " + table + " within 1.0 s: it is held by pid ");
		}
	}

	private String fail(String... arguments) throws InterruptedException {
		return this.sample.fail(1, arguments);
	}

	private static int unusedPort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
