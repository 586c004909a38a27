package io.github.headlock.sample;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.headlock.testbed.JavaCommand;
import io.github.headlock.testbed.LoggedProcess;
import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged application, in processes of its own.
 */
final class PackagedSample {

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	private final Path log;

	PackagedSample(Path folder) {
		this.log = folder.resolve("log");
	}

	/** Runs it until it ends with this exit code, and returns what it said. */
	String fail(int exitCode, String... arguments) throws InterruptedException {
		try (LoggedProcess process = start(arguments)) {
			assertThat(process.endsWithin(PATIENCE)).as("ends by itself").isTrue();
			assertThat(process.exitCode()).as(process.log().text()).isEqualTo(exitCode);
			// the explanation is the last thing to read
			assertThat(process.log().text()).doesNotContain("Unable to close ApplicationContext");
			return process.log().text();
		}
	}

	/** Runs it until it is started, ends it, and returns what it said. */
	String startAndStop(String... arguments) throws InterruptedException {
		try (LoggedProcess process = start(arguments)) {
			Awaitility.await()
				.atMost(PATIENCE)
				.until(() -> !process.isAlive() || process.log().contains("Started SampleApplication"));
			assertThat(process.isAlive()).as(process.log().text()).isTrue();
			process.terminate();
			assertThat(process.endsWithin(PATIENCE)).as("ends when it is told to").isTrue();
			return process.log().text();
		}
	}

	private LoggedProcess start(String... arguments) {
		return JavaCommand.packaged(Path.of(System.getProperty("demo.target")), "headlock-sample-app")
			.arguments(List.of(arguments))
			.start(this.log);
	}

}
