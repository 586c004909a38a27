package io.github.headlock.sample;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged application, in processes of its own.
 */
final class PackagedSample {

	private final Path log;

	PackagedSample(Path folder) {
		this.log = folder.resolve("log");
	}

	/** Runs it until it ends with this exit code, and returns what it said. */
	String fail(int exitCode, String... arguments) throws IOException, InterruptedException {
		Process process = start(arguments);
		try {
			assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ends by itself").isTrue();
		}
		finally {
			process.destroyForcibly();
		}
		assertThat(process.exitValue()).as(output()).isEqualTo(exitCode);
		// the explanation is the last thing to read
		assertThat(output()).doesNotContain("Unable to close ApplicationContext");
		return output();
	}

	/** Runs it until it is started, ends it, and returns what it said. */
	String startAndStop(String... arguments) throws IOException, InterruptedException {
		Process process = start(arguments);
		try {
			Awaitility.await()
				.atMost(Duration.ofMinutes(2))
				.until(() -> !process.isAlive() || output().contains("Started SampleApplication"));
			assertThat(process.isAlive()).as(output()).isTrue();
		}
		finally {
			process.destroy();
			process.waitFor();
		}
		return output();
	}

	private Process start(String... arguments) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-jar", jar().toString()));
		command.addAll(List.of(arguments));
		return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(this.log.toFile()).start();
	}

	private String output() throws IOException {
		return Files.readString(this.log, StandardCharsets.UTF_8);
	}

	private static Path jar() throws IOException {
		try (Stream<Path> files = Files.list(Path.of(System.getProperty("demo.target")))) {
			return files.filter((file) -> file.getFileName().toString().matches("headlock-sample-app-.*\\.jar"))
				.findFirst()
				.orElseThrow();
		}
	}

}
