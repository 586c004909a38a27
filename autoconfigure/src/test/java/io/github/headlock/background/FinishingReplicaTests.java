package io.github.headlock.background;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Replicas and Jobs that finish background migrations, or only say that they do not.
 */
@Tag("every-version")
class FinishingReplicaTests {

	private static final List<String> TOLD = new ArrayList<>();

	private final TestDatabase database = TestDatabase.create();

	private final HeadlockLog log = HeadlockLog.open();

	private final Releases releases;

	FinishingReplicaTests(@TempDir Path folder) throws Exception {
		this.releases = new Releases(this.database, folder).second();
		TOLD.clear();
	}

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	private Replica finishing() {
		return this.releases.replica().with("headlock.background.finish", true);
	}

	private static BackgroundUnfinishedException failure(Replica replica) {
		return Stream.iterate(catchThrowable(replica::startAndStop), Objects::nonNull, Throwable::getCause)
			.filter(BackgroundUnfinishedException.class::isInstance)
			.map(BackgroundUnfinishedException.class::cast)
			.findFirst()
			.orElseThrow();
	}

	private void setState(String state) {
		this.database.execute("UPDATE flyway_schema_history_background SET state = '" + state
				+ "', last_error = 'the reason', updated_by = 'somebody'");
	}

	@Test
	void aReplicaFinishesThemBeforeItServesAlsoWhereNoneWorksOnThemLater() {
		try (ConfigurableApplicationContext context = finishing().with("headlock.background.run", "never")
			.with(Listening.class)
			.start()) {
			assertThat(context.isActive()).isTrue();
			assertThat(this.releases.state()).isEqualTo("finished");
			assertThat(TOLD).containsExactly("succeeded");
		}
	}

	/** The database part of the start has ended before, and well. */
	@Test
	void aListenerIsToldNothingOfThem() {
		this.releases.idle().startAndStop();
		setState("paused");
		assertThat(failure(finishing().with(Listening.class)).getExitCode()).isEqualTo(15);
		assertThat(TOLD).containsExactly("succeeded");
	}

	/** Else a migration could go on without it, and the start that migrates could not. */
	@Test
	void theOneThatNeedNotBeFinishedIsNotWaitedFor() {
		this.releases.idle().startAndStop();
		setState("failed");
		assertThat(failure(finishing()).getExitCode()).isEqualTo(15);
		finishing().with("headlock.background.skip", "backfill").startAndStop();
		assertThat(this.log.messages())
			.contains("Background migration \"backfill\": this start does not wait until it is "
					+ "finished, because headlock.background.skip names it");
		assertThat(this.releases.state()).isEqualTo("failed");
	}

	@ParameterizedTest
	@CsvSource({
			"headlock.background.finish-timeout, headlock.background.finish, 1m, false, It is the bound of headlock.background.finish=true",
			"headlock.background.finish-timeout, headlock.background.finish, 0s, true, It must be between 1 ms and 365 days.",
			"headlock.background.finish, headlock.skip-migrations, true, true, headlock.skip-migrations=true is set" })
	void whatContradictsItselfIsRefused(String property, String other, String value, boolean otherValue,
			String reason) {
		Throwable failure = NestedExceptionUtils.getMostSpecificCause(
				catchThrowable(this.releases.replica().with(property, value).with(other, otherValue)::startAndStop));
		assertThat(failure).isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (ex) -> {
			assertThat(ex.getName()).isEqualTo(property);
			assertThat(ex.getReason()).contains(reason);
		});
	}

	@Test
	void whereHeadlockTakesNoPartTheLogSaysSo() {
		finishing().plain().start().close();
		assertThat(this.log.messages())
			.contains("Without effect: [headlock.background.finish], because headlock.enabled=false is set");
	}

	@Test
	void aJobWhereHeadlockTakesNoPartSaysSo() throws Exception {
		assertThat(outputOf(finishing().plain().with("headlock.exit-after-migration", true)))
			.contains("Without effect: [headlock.background.finish], because headlock.enabled=false is set");
	}

	@Test
	void aReplicaThatSkipsMigrationsSaysThatItDoesNotWorkOnThem() {
		this.releases.idle().startAndStop();
		Replica skipping = this.releases.replica().with("headlock.skip-migrations", true);
		skipping.startAndStop();
		String line = "This process skips migrations and does not work on the background migrations that its release "
				+ "declares: backfill. Another process has to, or this one with headlock.background.run=always";
		assertThat(this.log.messages()).containsOnlyOnce(line);
		skipping.with("headlock.background.run", "always").startAndStop();
		assertThat(this.log.messages()).containsOnlyOnce(line);
	}

	@Test
	void aMissingPrivilegeEndsItWithTheStatementThatGrantsIt() {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("ALTER SCHEMA public OWNER TO " + roles.migrator());
		migrating(roles).startAndStop();
		this.database.execute("GRANT SELECT ON flyway_schema_history TO " + roles.application());
		Replica skipping = finishing().with("spring.datasource.username", roles.application())
			.with("headlock.skip-migrations", true)
			.with("headlock.background.run", "always");
		BackgroundUnfinishedException failure = failure(skipping);
		assertThat(failure).hasMessageContaining("permission denied")
			.hasMessageContaining("\"backfill\": how far it is cannot be read");
		String action = failure.getAction();
		this.database.execute(action.substring(action.indexOf("GRANT"), action.indexOf(';')),
				"GRANT SELECT, UPDATE ON customer TO " + roles.application());
		skipping.startAndStop();
		assertThat(this.releases.state()).isEqualTo("finished");
	}

	private Replica migrating(TestRoles roles) {
		return this.releases.idle()
			.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", roles.migrator())
			.with("spring.flyway.password", "");
	}

	@Test
	void aJobEndsWhenTheyAreFinished() throws Exception {
		try (ReplicaProcess job = ReplicaProcess.start(finishing().with("headlock.exit-after-migration", true))) {
			assertThat(job.exitCode()).as(job::output).isZero();
			assertThat(job.output()).containsSubsequence("Database ready: schema \"public\" at version 2",
					"Finishing the background migrations of this release: \"backfill\": running, not begun",
					"The background migrations of this release are finished", "Exiting, because");
		}
		assertThat(this.releases.state()).isEqualTo("finished");
	}

	@Test
	void aJobThatCannotFinishThemHasItsExitCodeAndItsExplanation() throws Exception {
		this.releases.idle().startAndStop();
		setState("failed");
		try (ReplicaProcess job = ReplicaProcess.start(finishing().with("headlock.exit-after-migration", true))) {
			assertThat(job.exitCode()).as(job::output).isEqualTo(15);
			assertThat(job.output()).contains("APPLICATION FAILED TO START",
					"Background migrations of this release cannot be finished now:",
					"  - \"backfill\": failed: the reason",
					"The schema was at head, and what was done of the background migrations stays.",
					"SET state = 'running' WHERE name = 'backfill'; Then start this process again.");
		}
	}

	@Test
	void aJobThatDoesNotFinishThemWarnsAsLongAsNobodyWorksOnThem() throws Exception {
		Replica replica = this.releases.replica().with("headlock.exit-after-migration", true);
		String warning = "This process ends, and nobody works on background migrations of its release yet: \"backfill\": "
				+ "running, not begun";
		assertThat(outputOf(replica)).contains(warning);
		this.database.execute("UPDATE flyway_schema_history_background SET rows_seen = 5, updated_at = now()");
		assertThat(outputOf(replica)).doesNotContain("nobody works");
		this.database.execute("UPDATE flyway_schema_history_background SET updated_at = now() - interval '16 minutes'");
		assertThat(outputOf(replica)).contains("nobody works");
		setState("finished");
		assertThat(outputOf(replica)).doesNotContain("nobody works");
	}

	private static String outputOf(Replica replica) throws Exception {
		try (ReplicaProcess job = ReplicaProcess.start(replica)) {
			assertThat(job.exitCode()).as(job::output).isZero();
			return job.output();
		}
	}

	@Test
	void aProcessThatIsToldToEndCancelsItsBatch() throws Exception {
		this.releases.background.file("backfill.sql", """
				-- headlock: table = customer
				-- headlock: since = 2
				-- headlock: where = full_name IS NULL
				UPDATE customer SET full_name = (SELECT 'x' FROM pg_sleep(300)) WHERE ${batch}
				""");
		this.releases.idle().startAndStop();
		this.releases.insert(1, 10);
		String sleepers = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
				+ "AND wait_event = 'PgSleep'";
		try (ReplicaProcess process = ReplicaProcess
			.start(finishing().with("headlock.background.batch-timeout", "10m"))) {
			await().atMost(Duration.ofMinutes(3)).until(() -> !this.database.list(sleepers).isEmpty());
			process.terminate();
			assertThat(process.endsWithin(Duration.ofSeconds(10))).as(process::output).isTrue();
			assertThat(process.exitCode()).isEqualTo(128 + 15);
			assertThat(process.output())
				.contains("Shutdown requested; cancelled while finishing background migrations");
		}
		await().until(() -> this.database.list(sleepers).isEmpty());
		assertThat(this.releases.state()).isEqualTo("running");
		assertThat(this.releases.count("full_name IS NOT NULL")).isZero();
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		MigrationListener listener() {
			return new MigrationListener() {

				@Override
				public void succeeded(MigrationReport report) {
					TOLD.add("succeeded");
				}

				@Override
				public void failed(RuntimeException failure, Duration took) {
					TOLD.add("failed");
				}

			};
		}

	}

}
