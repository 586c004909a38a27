package io.github.headlock.sample;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.headlock.testbed.LoggedProcess;
import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The commands of {@code docs/faster-starts.md}, as they stand there. A JDK before 25
 * ignores the options of the AOT cache, and the rest of the commands is run.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FasterStartsIT {

	private static final boolean CACHE = Runtime.version().feature() >= 25;

	private static final Path TARGET = Path.of(System.getProperty("demo.target"));

	@TempDir
	private Path folder;

	private final List<String> commands = blocks("shell");

	@Test
	void aTrainingRunMigratesAndWritesTheCache() throws Exception {
		copyJar();
		assertThat(this.commands).hasSize(3).first().isEqualTo("java -Dspring.aot.enabled=true -jar parcels.jar");
		try (PostgresServer server = PostgresServer.start(Map.of())) {
			try (LoggedProcess training = start(this.commands.get(1), server)) {
				assertThat(training.endsWithin(Duration.ofMinutes(4))).as(training.log().text()).isTrue();
				assertThat(training.exitCode()).as(training.log().text()).isZero();
				assertThat(training.log().text()).contains("migrated 7 migrations")
					.doesNotContain("Tomcat started", "Started SampleApplication");
			}
			assertThat(Files.exists(this.folder.resolve("parcels/parcels.aot"))).isEqualTo(CACHE);
			try (LoggedProcess application = start("exec " + this.commands.get(2), server)) {
				await().atMost(Duration.ofMinutes(4))
					.until(() -> !application.isAlive() || application.log().contains("Started SampleApplication"));
				assertThat(application.log().text()).contains("at head already", "Started SampleApplication")
					.doesNotContain("[aot]");
			}
		}
	}

	@Test
	void theGoalIsInThePomOfTheSample() throws IOException {
		String plugins = Files.readString(Path.of("pom.xml"))
			.replaceAll("(?s)<!--.*?-->|<configuration>.*?</configuration>", "");
		assertThat(blocks("xml")).singleElement()
			.satisfies((block) -> assertThat(unindented(plugins)).contains(unindented(block)));
	}

	private void copyJar() throws IOException {
		try (Stream<Path> files = Files.list(TARGET)) {
			Path jar = files.filter((file) -> file.getFileName().toString().matches("headlock-sample-app-\\d.*\\.jar"))
				.findFirst()
				.orElseThrow();
			Files.copy(jar, this.folder.resolve("parcels.jar"));
		}
	}

	private LoggedProcess start(String commands, PostgresServer server) {
		ProcessBuilder shell = new ProcessBuilder("bash", "-euc", commands).directory(this.folder.toFile());
		shell.environment()
			.merge("PATH", Path.of(System.getProperty("java.home"), "bin").toString(),
					(path, java) -> java + File.pathSeparator + path);
		shell.environment().put("SERVER_PORT", "0");
		shell.environment().put("SPRING_DATASOURCE_URL", server.url("postgres"));
		shell.environment().put("SPRING_DATASOURCE_USERNAME", "postgres");
		if (!CACHE) {
			shell.environment().put("JAVA_TOOL_OPTIONS", "-XX:+IgnoreUnrecognizedVMOptions");
		}
		return LoggedProcess.start(shell, this.folder.resolve("log"));
	}

	private static String unindented(String text) {
		return text.replaceAll("(?m)^\\s+", "");
	}

	private static List<String> blocks(String language) {
		try {
			return Pattern.compile("```" + language + "\n(.*?)\n```", Pattern.DOTALL)
				.matcher(Files.readString(Path.of("..", "docs", "faster-starts.md")))
				.results()
				.map((MatchResult block) -> block.group(1))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
