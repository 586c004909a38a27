package io.github.headlock.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
			.contains("It must be at least 1 ms");
	}

	@Test
	void aMisspelledPropertyIsNamed() throws Exception {
		assertThat(fail("--server.port=0", "--headlock.lock.timout=1m")).contains("APPLICATION FAILED TO START")
			.contains("Property: headlock.lock.timout");
	}

	/** Runs the packaged application until it ends with exit code 1. */
	private String fail(String... arguments) throws IOException, InterruptedException {
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
		assertThat(process.exitValue()).as(output).isEqualTo(1);
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
