package io.github.headlock.sample.demo;

import java.nio.file.Files;
import java.nio.file.Path;

import io.github.headlock.testbed.ProcessLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ReplicaLogTests {

	@TempDir
	private Path directory;

	@Test
	void aRefusedStartIsToldWithItsReasonAndWhatToDo() throws Exception {
		ReplicaLog log = log(
				"""
						2026-01-01T10:00:05.000Z ERROR 7 --- [main] o.s.b.d.LoggingFailureAnalysisReporter   :

						***************************
						APPLICATION FAILED TO START
						***************************

						Description:

						This release must not upgrade schema "public" from version 6 to version 8:
						  - V7__require_tariff.sql requires the background migration "fill_tariff": running, 31 % (about 3 of 9 rows)

						Action:

						Let it finish
						""");
		assertThat(log.objection()).contains("fill_tariff is running, 31 %");
		assertThat(log.explanation()).hasSize(5).startsWith("Description:").endsWith("Action:", "Let it finish");
	}

	@Test
	void anotherFailureIsNoRefusal() throws Exception {
		assertThat(log("Description:\n\nPort 8080 was already in use.\n").objection()).isEmpty();
		assertThat(log("killed\n").explanation()).isEmpty();
	}

	private ReplicaLog log(String text) throws Exception {
		return new ReplicaLog(new ProcessLog(Files.writeString(this.directory.resolve("log"), text)));
	}

}
