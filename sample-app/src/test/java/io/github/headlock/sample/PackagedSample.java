package io.github.headlock.sample;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

import io.github.headlock.testbed.JavaCommand;
import io.github.headlock.testbed.LoggedProcess;
import org.awaitility.Awaitility;

import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged application, in processes of its own.
 */
final class PackagedSample {

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private final Path log;

	private final List<String> options;

	/** Its processes have these options of the JVM. */
	PackagedSample(Path folder, String... options) {
		this.log = folder.resolve("log");
		this.options = List.of(options);
	}

	/** Runs it until it ends with this exit code, and returns what it said. */
	String fail(int exitCode, String... arguments) throws InterruptedException {
		return end(exitCode, arguments);
	}

	/** Runs it until it ends well by itself, and returns what it said. */
	String run(String... arguments) throws InterruptedException {
		return end(0, arguments);
	}

	private String end(int exitCode, String... arguments) throws InterruptedException {
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
		return whileStarted((process) -> process.log().text(), arguments);
	}

	/**
	 * Runs it until it is started, ends it, and returns the answer to a startup probe.
	 */
	String probe(String... arguments) throws InterruptedException {
		return whileStarted((process) -> {
			String port = process.log().find(PORT).orElseThrow().group(1);
			// also from an answer of 503
			return RestClient.create()
				.get()
				.uri("http://127.0.0.1:{port}/actuator/health/startup", port)
				.exchangeForRequiredValue((request, response) -> response.bodyTo(String.class));
		}, arguments);
	}

	private String whileStarted(Function<LoggedProcess, String> look, String... arguments) throws InterruptedException {
		try (LoggedProcess process = start(arguments)) {
			Awaitility.await()
				.atMost(PATIENCE)
				.until(() -> !process.isAlive() || process.log().contains("Started SampleApplication"));
			assertThat(process.isAlive()).as(process.log().text()).isTrue();
			String seen = look.apply(process);
			process.terminate();
			assertThat(process.endsWithin(PATIENCE)).as("ends when it is told to").isTrue();
			return seen;
		}
	}

	private LoggedProcess start(String... arguments) {
		return JavaCommand.packaged(Path.of(System.getProperty("demo.target")), "headlock-sample-app")
			.options(this.options)
			.arguments(List.of(arguments))
			.start(this.log);
	}

}
