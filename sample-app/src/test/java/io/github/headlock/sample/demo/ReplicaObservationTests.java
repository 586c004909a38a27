package io.github.headlock.sample.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.headlock.testbed.ProcessLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ReplicaObservationTests {

	private static final Instant ORIGIN = Instant.parse("2026-01-01T10:00:00Z");

	@TempDir
	private Path directory;

	private Optional<Instant> refused = Optional.empty();

	@Test
	void theReplicaThatMigratedIsShownFromTheLockOn() throws Exception {
		ReplicaTimeline timeline = observe("migrated", 500, 3600,
				"""
						2026-01-01T10:00:05.000Z  INFO 7 --- [main] Migration lock of "public"."h" taken after 0.5 s; running Flyway
						2026-01-01T10:00:08.000Z  INFO 7 --- [main] Database ready: schema "public" at version 5 (migrated)
						""");
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 4500),
				phase(Phase.Kind.WAITING, 4500, 5000), phase(Phase.Kind.MIGRATING, 5000, 8000),
				phase(Phase.Kind.FINISHING, 8000, 10_000));
		assertThat(timeline.summary()).isEqualTo("migrated in 3.0 s");
	}

	@Test
	void aReplicaThatWaitedNamesTheOneThatMigrated() throws Exception {
		ReplicaTimeline timeline = observe("waited", 3000, 3200,
				"""
						2026-01-01T12:00:05.000+02:00  INFO 7 --- [main] Waiting for the migration lock of "public"."h" for 0.0 s \
						(at most 900.0 s); it is held by pid 4, application "headlock replica-2", host 127.0.0.1
						2026-01-01T12:00:08.000+02:00  INFO 7 --- [main] Database ready: schema "public" at version 5
						""");
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 5000),
				phase(Phase.Kind.WAITING, 5000, 8000), phase(Phase.Kind.FINISHING, 8000, 10_000));
		assertThat(timeline.summary()).isEqualTo("waited 3.0 s for replica-2");
	}

	@Test
	void theFastPathIsShownAsLongAsItTook() throws Exception {
		ReplicaTimeline timeline = observe("fast-path", 0, 400,
				"2026-01-01T10:00:08.000Z  INFO 7 --- [main] Database ready: schema \"public\" at version 5\n");
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 7600),
				phase(Phase.Kind.FAST_PATH, 7600, 8000), phase(Phase.Kind.FINISHING, 8000, 10_000));
		assertThat(timeline.summary()).isEqualTo("fast path, 0.4 s");
	}

	@Test
	void aPodThatStartedBeforeTheSchemaIsShownOutOfService() throws Exception {
		this.refused = Optional.of(ORIGIN.plusSeconds(4));
		ReplicaTimeline timeline = observe("skipped", 0, 400,
				"2026-01-01T10:00:03.000Z  INFO 7 --- [main] Database not ready: schema \"public\" is empty (BEHIND)\n");
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 4000),
				phase(Phase.Kind.OUT_OF_SERVICE, 4000, 10_000));
		assertThat(timeline.summary()).isEqualTo("OUT_OF_SERVICE for 6.0 s, then UP");
	}

	@Test
	void aPodThatWaitsForTheJobIsShownWaiting() throws Exception {
		ReplicaTimeline timeline = observe("skipped", 3000, 3400,
				"2026-01-01T10:00:08.000Z  INFO 7 --- [main] Database ready: schema \"public\" at version 5\n");
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 5000),
				phase(Phase.Kind.WAITING, 5000, 8000), phase(Phase.Kind.FINISHING, 8000, 10_000));
		assertThat(timeline.summary()).isEqualTo("waited 3.0 s");
	}

	@Test
	void aLogWithoutTheReadyLineIsAnError() {
		assertThatIllegalStateException().isThrownBy(() -> observe("fast-path", 0, 400, "nothing\n"))
			.withMessageContaining("Database ready");
	}

	private ReplicaTimeline observe(String outcome, int waited, int took, String log) throws IOException {
		Path file = Files.writeString(this.directory.resolve("log"), log);
		StartupProbe.Start start = new StartupProbe.Start(outcome, Duration.ofMillis(waited), Duration.ofMillis(took));
		return new ReplicaObservation("replica-1", ORIGIN, ORIGIN.plusSeconds(1), this.refused, ORIGIN.plusSeconds(10),
				start)
			.timeline(new ReplicaLog(new ProcessLog(file)));
	}

	private static Phase phase(Phase.Kind kind, int fromMillis, int toMillis) {
		return new Phase(kind, Duration.ofMillis(fromMillis), Duration.ofMillis(toMillis));
	}

}
