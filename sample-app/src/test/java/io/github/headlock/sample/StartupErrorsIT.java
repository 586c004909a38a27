package io.github.headlock.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.headlock.database.HistoryTable;
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

	@TempDir
	private Path directory;

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
			assertThat(fail(10, "--server.port=0", "--spring.datasource.url=" + server.url("postgres"),
					"--spring.datasource.username=postgres", "--headlock.lock.timeout=1s"))
				.contains("APPLICATION FAILED TO START")
				.contains("No migration lock of " + table + " within 1.0 s: it is held by pid ");
		}
	}

	private String fail(String... arguments) throws IOException, InterruptedException {
		return fail(1, arguments);
	}

	/** Runs the packaged application until it ends with this exit code. */
	private String fail(int exitCode, String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", jar().toString()));
		command.addAll(List.of(arguments));
		Path log = this.directory.resolve("log");
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		try {
			assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ends by itself").isTrue();
		}
		finally {
			process.destroyForcibly();
		}
		String output = Files.readString(log, StandardCharsets.UTF_8);
		assertThat(process.exitValue()).as(output).isEqualTo(exitCode);
		// the explanation is the last thing to read
		assertThat(output).doesNotContain("Unable to close ApplicationContext");
		return output;
	}

	private static Path jar() throws IOException {
		try (Stream<Path> files = Files.list(Path.of(System.getProperty("demo.target")))) {
			return files.filter((file) -> file.getFileName().toString().matches("headlock-sample-app-.*\\.jar"))
				.findFirst()
				.orElseThrow();
		}
	}

	private static int unusedPort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
