package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.LoggedProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What processes say and how they end in rounds about background migrations.
 */
class BackgroundVerdictTests {

	private static final String DOWN = "2026-01-01T00:00:00.000Z INFO  HealthWatch: Health is DOWN {}";

	@TempDir
	private Path folder;

	@ParameterizedTest
	@CsvSource({ "requires the background migration, 11", "Replica ready, 143",
			"2026-01-01T00:00:00.000Z INFO  HealthWatch: Health is UP {}, 137", "APPLICATION FAILED TO START, 10" })
	void whatIsAllowedIsNoViolation(String text, int code) throws Exception {
		assertThat(BackgroundVerdict.of(process(text, code), (moment) -> false)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "All is well, 11, EXPLAINED", "Exception in thread headlock-background, 143, EXPLAINED",
			"ERROR: GATE PASSED TOO EARLY, 137, GATE", DOWN + ", 137, HEALTH", "All is well, 1, EXPLAINED" })
	void everythingElseIsOne(String text, int code, Invariant invariant) throws Exception {
		assertThat(BackgroundVerdict.of(process(text, code), (moment) -> false)).extracting(Violation::invariant)
			.containsExactly(invariant);
	}

	@Test
	void anOutageExcusesTheHealth() throws Exception {
		assertThat(BackgroundVerdict.of(process(DOWN, 137), (moment) -> true)).isEmpty();
	}

	private ReplicaProcess process(String text, int code) throws IOException, InterruptedException {
		Path file = this.folder.resolve("replica.log");
		LoggedProcess process = LoggedProcess
			.start(new ProcessBuilder("sh", "-c", "echo \"$0\"; exit $1", text, String.valueOf(code)), file);
		assertThat(process.endsWithin(Duration.ofMinutes(1))).isTrue();
		return new ReplicaProcess("replica", process);
	}

}
