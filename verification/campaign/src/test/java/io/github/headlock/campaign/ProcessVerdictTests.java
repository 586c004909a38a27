package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.LoggedProcess;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Ends of processes, and what they say before.
 */
class ProcessVerdictTests {

	@TempDir
	private Path folder;

	@ParameterizedTest
	@CsvSource({ "APPLICATION FAILED TO START, 1, NONE", "java.lang.IllegalStateException, 1, NONE",
			"APPLICATION FAILED TO START, 10, NONE", "APPLICATION FAILED TO START, 14, NONE",
			"APPLICATION FAILED TO START, 12, DRAIN", "Replica ready, 143, NONE", "Replica ready, 137, NONE" })
	void anExitThatTheContractAllowsIsNoViolation(String text, int code, Blocking blocking) throws Exception {
		assertThat(ProcessVerdict.of(process(text, code), true, blocking)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "All is well, 1, EXPLAINED", "All is well, 0, EXPLAINED", "APPLICATION FAILED TO START, 12, EXPLAINED",
			"APPLICATION FAILED TO START, 13, EXPLAINED", "# SIGSEGV, 134, EXPLAINED",
			"READY TOO EARLY: nothing there, 137, EARLY" })
	void everyOtherExitIsAViolation(String text, int code, Invariant invariant) throws Exception {
		assertThat(ProcessVerdict.of(process(text, code), true, Blocking.NONE)).extracting(Violation::invariant)
			.containsExactly(invariant);
	}

	private ReplicaProcess process(String text, int code) throws IOException, InterruptedException {
		Path file = this.folder.resolve("replica.log");
		LoggedProcess process = LoggedProcess
			.start(new ProcessBuilder("sh", "-c", "echo \"$0\"; exit $1", text, String.valueOf(code)), file);
		assertThat(process.endsWithin(Duration.ofMinutes(1))).isTrue();
		return new ReplicaProcess("replica", process);
	}

}
