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

class PlainObservationTests {

	private static final Instant ORIGIN = Instant.parse("2026-01-01T10:00:00Z");

	private static final String CONTACT = """
			2026-01-01T10:00:03.000Z  INFO 7 --- [main] com.zaxxer.hikari.HikariDataSource       : HikariPool-1 - Starting...
			""";

	private static final String CONNECTED = """
			2026-01-01T10:00:04.000Z  INFO 7 --- [main] org.flywaydb.core.FlywayExecutor         : Database: jdbc:postgresql://127.0.0.1:1/p (PostgreSQL 18.6)
			""";

	private static final String MIGRATING = """
			2026-01-01T10:00:05.000Z  INFO 7 --- [main] o.f.core.internal.command.DbMigrate      : Migrating schema "public" to version "1 - depots and parcels"
			2026-01-01T10:00:07.000Z  INFO 7 --- [main] o.f.core.internal.command.DbMigrate      : Migrating schema "public" to version "4 - add to scan" [non-transactional]
			""";

	private static final String APPLIED = """
			2026-01-01T10:00:08.000Z  INFO 7 --- [main] o.f.core.internal.command.DbMigrate      : Migrating schema "public" with repeatable migration "overview"
			2026-01-01T10:00:09.000Z  INFO 7 --- [main] o.f.core.internal.command.DbMigrate      : Successfully applied 6 migrations to schema "public", now at version v5 (execution time 00:04.000s)
			""";

	private static final String UP_TO_DATE = """
			2026-01-01T10:00:09.000Z  INFO 7 --- [main] o.f.core.internal.command.DbMigrate      : Schema "public" is up to date. No migration necessary.
			""";

	@TempDir
	private Path directory;

	@Test
	void aReplicaThatMigratedIsShownFromItsFirstMigrationOn() throws Exception {
		ReplicaTimeline timeline = observe(ReplicaTimeline.Ending.READY, CONTACT + CONNECTED + MIGRATING + APPLIED);
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 3000),
				phase(Phase.Kind.WAITING, 3000, 5000), phase(Phase.Kind.MIGRATING, 5000, 9000),
				phase(Phase.Kind.FINISHING, 9000, 12_000));
		assertThat(timeline.summary()).isEqualTo("migrated in 4.0 s");
		assertThat(timeline.isReady()).isTrue();
	}

	@Test
	void aReplicaThatFoundTheSchemaReadyHasWaited() throws Exception {
		ReplicaTimeline timeline = observe(ReplicaTimeline.Ending.READY, CONTACT + CONNECTED + UP_TO_DATE);
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 3000),
				phase(Phase.Kind.WAITING, 3000, 9000), phase(Phase.Kind.FINISHING, 9000, 12_000));
		assertThat(timeline.summary()).isEqualTo("waited 6.0 s");
	}

	@Test
	void aReplicaThatWasGivenUpIsShownWaitingToTheEnd() throws Exception {
		ReplicaTimeline timeline = observe(ReplicaTimeline.Ending.NEVER_READY, CONTACT + CONNECTED);
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 3000),
				phase(Phase.Kind.WAITING, 3000, 12_000));
		assertThat(timeline.summary()).isEqualTo("still waits for the lock or a connection");
		assertThat(timeline.isReady()).isFalse();
	}

	@Test
	void oneWithoutAConnectionWaitsForThat() throws Exception {
		assertThat(observe(ReplicaTimeline.Ending.NEVER_READY, CONTACT).summary())
			.isEqualTo("still waits for a connection");
	}

	@Test
	void aMigrationThatDoesNotEndIsNamed() throws Exception {
		ReplicaTimeline timeline = observe(ReplicaTimeline.Ending.NEVER_READY, CONTACT + CONNECTED + MIGRATING);
		assertThat(timeline.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 3000),
				phase(Phase.Kind.WAITING, 3000, 5000), phase(Phase.Kind.MIGRATING, 5000, 12_000));
		assertThat(timeline.summary()).isEqualTo("still migrates: 4 - add to scan");
	}

	@Test
	void oneThatDidNotReachTheDatabaseOrHasASchemaIsStillStarting() throws Exception {
		ReplicaTimeline early = observe(ReplicaTimeline.Ending.NEVER_READY, "");
		assertThat(early.phases()).containsExactly(phase(Phase.Kind.STARTING, 1000, 12_000));
		assertThat(early.summary()).isEqualTo("still starts");
		ReplicaTimeline late = observe(ReplicaTimeline.Ending.NEVER_READY, CONTACT + CONNECTED + UP_TO_DATE);
		assertThat(late.phases()).endsWith(phase(Phase.Kind.FINISHING, 9000, 12_000));
		assertThat(late.summary()).isEqualTo("still starts");
	}

	@Test
	void aFailedStartIsToldInTheWordsOfFlyway() throws Exception {
		ReplicaTimeline timeline = observe(ReplicaTimeline.Ending.FAILED, CONTACT + CONNECTED + """
				Caused by: org.springframework.beans.factory.BeanCreationException: Error creating bean
				Caused by: org.flywaydb.core.api.FlywayException: Number of retries exceeded. Configure the number
				Caused by: org.postgresql.util.PSQLException: another
				""");
		assertThat(timeline.phases()).endsWith(phase(Phase.Kind.WAITING, 3000, 12_000));
		assertThat(timeline.summary()).isEqualTo("exit code 1: Number of retries exceeded");
	}

	@Test
	void orOfTheInnermostCauseWhereFlywayHasNotSaidAnything() throws Exception {
		assertThat(observe(ReplicaTimeline.Ending.FAILED, """
				Caused by: org.springframework.beans.factory.BeanCreationException: Error creating bean
				Caused by: java.net.SocketException: Connection reset
				""").summary()).isEqualTo("exit code 1: Connection reset");
	}

	@Test
	void orWithItsFailureAnalysis() throws Exception {
		assertThat(observe(ReplicaTimeline.Ending.FAILED, """
				APPLICATION FAILED TO START

				Description:

				The server is full
				""").summary()).isEqualTo("exit code 1: The server is full");
	}

	@Test
	void orWithNothingButItsExitCode() throws Exception {
		assertThat(observe(ReplicaTimeline.Ending.FAILED, "").summary()).isEqualTo("exit code 1");
	}

	private ReplicaTimeline observe(ReplicaTimeline.Ending ending, String log) throws IOException {
		Path file = Files.writeString(this.directory.resolve("log"), log);
		return new PlainObservation("replica-1", ORIGIN, ORIGIN.plusSeconds(1), ORIGIN.plusSeconds(12), ending)
			.timeline(new FlywayLog(new ProcessLog(file)), Optional.of(1));
	}

	private static Phase phase(Phase.Kind kind, int fromMillis, int toMillis) {
		return new Phase(kind, Duration.ofMillis(fromMillis), Duration.ofMillis(toMillis));
	}

}
