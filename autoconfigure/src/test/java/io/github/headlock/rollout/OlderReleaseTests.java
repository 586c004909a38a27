package io.github.headlock.rollout;

import java.nio.file.Path;
import java.util.List;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaState;
import io.github.headlock.schema.FailedMigrationException;
import io.github.headlock.schema.SchemaAheadException;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Starts of an older release on a schema that a later one has migrated, or has failed to.
 */
@ExtendWith(OutputCaptureExtension.class)
class OlderReleaseTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	OlderReleaseTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@BeforeEach
	void applyTheFirstRelease() {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 'old'::text AS release");
		replica().startAndStop();
	}

	@Test
	void anOlderReleaseStartsAndChangesNothing(CapturedOutput output) {
		applyALaterRelease();
		List<String> before = history();

		for (String fastPath : List.of("auto", "off")) {
			MigrationReport report = replica().with("headlock.fast-path", fastPath).startAndStop();
			assertThat(report.status().state()).isEqualTo(SchemaState.AHEAD);
			assertThat(report.outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			assertThat(history()).isEqualTo(before);
		}
		assertThat(this.database.value("SELECT release FROM v")).isEqualTo("new");
		assertThat(output)
			.contains("Database ready: schema \"public\" at version 2 (ahead of this release, which contains "
					+ "version 1, took ");

		// Plain Flyway goes back to the older text, which is why Headlock does not let it
		// run.
		replica().plain().start().close();
		assertThat(this.database.value("SELECT release FROM v")).isEqualTo("old");
	}

	/** Where plain Flyway refuses to run, there is nothing that could apply it. */
	@ParameterizedTest
	@ValueSource(strings = { "'3'", "null" })
	void aNewRepeatableIsLeftOutWhereFlywayWouldRefuseToRun(String version, CapturedOutput output) {
		applyALaterRelease();
		this.database.execute(("INSERT INTO flyway_schema_history SELECT max(installed_rank) + n, v, 'later', 'SQL', "
				+ "'later.sql', 1, current_user, now(), 0, false FROM flyway_schema_history, "
				+ "(VALUES (1, '4'), (2, %s)) AS failed (n, v) GROUP BY n, v")
			.formatted(version));
		this.migrations.file("R__new.sql", "CREATE VIEW another AS SELECT 1 AS one");
		assertThat(replica().startAndStop().status().state()).isEqualTo(SchemaState.AHEAD);
		assertThat(output)
			.contains("Not applied on a schema that is ahead of this release, because Flyway refuses to run "
					+ "beside what failed in later releases: ", "repeatable migrations R__new.sql");
		assertThatThrownBy(replica().plain()::start).isNotNull();
	}

	@Test
	void anOlderReleaseIsRefusedIfSoConfigured() {
		applyALaterRelease();
		List<String> before = history();
		this.migrations.file("R__new.sql", "CREATE VIEW another AS SELECT 1 AS one");
		assertThat(catchThrowable(() -> replica().with("headlock.on-schema-ahead", "fail").startAndStop())).cause()
			.isInstanceOfSatisfying(SchemaAheadException.class, (ex) -> {
				assertThat(ex).hasMessage("Schema \"public\" is at version 2, ahead of this release's version 1");
				assertThat(ex.getExitCode()).isEqualTo(13);
			});
		assertThat(history()).isEqualTo(before);
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void anOlderReleaseIsRefusedWhereFlywayIsNotToIgnoreFutureMigrations() {
		applyALaterRelease();
		List<String> before = history();
		Replica replica = replica().with("spring.flyway.ignore-migration-patterns", "*:missing");
		assertThat(catchThrowable(replica::startAndStop)).cause()
			.isInstanceOfSatisfying(SchemaAheadException.class, (ex) -> {
				assertThat(ex.getSetting()).isEqualTo("spring.flyway.ignore-migration-patterns without *:future");
				assertThat(ex.getExitCode()).isEqualTo(13);
			});
		assertThat(history()).isEqualTo(before);
		assertThatThrownBy(replica.plain()::start).cause().isInstanceOf(FlywayValidateException.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "migrating", "reporting", "waiting", "refusing" })
	void anOlderReleaseStartsWhereALaterOneHasFailedWithoutATransaction(String process) {
		failALaterRelease();
		Replica replica = switch (process) {
			case "reporting" -> skipping("report");
			case "waiting" -> skipping("wait");
			case "refusing" -> skipping("fail");
			default -> replica();
		};
		MigrationReport report = replica.startAndStop();
		assertThat(report.status().state()).isEqualTo(SchemaState.AHEAD);
		assertThat(report.status().reason()).contains("version 2 (index), which this release does not contain, failed");
		assertThat(report.status().currentVersion()).isEqualTo("1");
		assertThat(report.waited()).isZero();
		replica.with("headlock.skip-migrations", false).plain().start().close();
	}

	@Test
	void aFailedLaterReleaseIsRefusedIfSoConfigured() {
		failALaterRelease();
		assertThat(catchThrowable(() -> replica().with("headlock.on-schema-ahead", "fail").startAndStop())).cause()
			.isInstanceOf(SchemaAheadException.class)
			.hasMessageContaining("version 2 (index), which this release does not contain, failed");
	}

	@Test
	void theLaterReleaseItselfIsRefusedUntilItsFailureIsCured() {
		failALaterRelease();
		this.migrations.file("V2__index.sql", "CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)");
		assertThat(catchThrowable(() -> replica().startAndStop())).cause().isInstanceOf(FailedMigrationException.class);
	}

	@Test
	void itsOwnPendingMigrationBesideAFailedLaterOneIsLeftToFlyway() {
		failALaterRelease();
		this.migrations.file("V1.1__hotfix.sql", "CREATE TABLE hotfix (id int)");
		// plain Flyway refuses a version below the failed one, unless out of order
		assertThatThrownBy(() -> replica().startAndStop()).cause().isInstanceOf(FlywayValidateException.class);
		assertThatThrownBy(() -> replica().plain().start()).cause().isInstanceOf(FlywayValidateException.class);
		assertThat(replica().with("spring.flyway.out-of-order", true).startAndStop().migrations()).isOne();
	}

	@Test
	void aFailedRepeatableOfALaterReleaseDoesNotConcernIt() {
		this.migrations.file("R__later.sql", "SELECT 1");
		replica().startAndStop();
		this.migrations.delete("R__later.sql");
		this.database.execute("UPDATE flyway_schema_history SET success = false WHERE description = 'later'");
		MigrationReport report = replica().startAndStop();
		assertThat(report.status().state()).isEqualTo(SchemaState.AT_HEAD);
		assertThat(report.status().reason())
			.isEqualTo("repeatable migration \"later\", which this release does not contain, failed");
	}

	@Test
	void itsNewRepeatableIsAppliedWithoutItsOlderTextOfAnother(CapturedOutput output) {
		applyALaterRelease();
		this.migrations.file("R__fix.sql", "CREATE VIEW fix AS SELECT 1 AS one");

		assertThat(skipping("wait").startAndStop().status()).satisfies((status) -> {
			assertThat(status.state()).isEqualTo(SchemaState.AHEAD);
			assertThat(status.pending()).isOne();
		});
		MigrationReport report = replica().startAndStop();
		assertThat(report.outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(report.migrations()).isOne();
		assertThat(report.status().pending()).isZero();
		assertThat(this.database.value("SELECT one FROM fix")).isEqualTo("1");
		assertThat(this.database.value("SELECT release FROM v")).isEqualTo("new");
		assertThat(output)
			.contains("running Flyway, because these repeatable migrations were never applied: R__fix.sql");
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	@Test
	void itsNewJavaRepeatableIsAppliedWithoutAnOlderOne() {
		Replica withJava = replica().with(OlderView.class);
		applyALaterRelease(withJava);
		this.database.execute("UPDATE flyway_schema_history SET checksum = 2 WHERE type = 'JDBC'",
				"UPDATE effect SET name = 'new'");

		MigrationReport report = withJava.with(Fix.class).startAndStop();
		assertThat(report.migrations()).isOne();
		assertThat(this.database.list("SELECT name FROM effect ORDER BY name")).containsExactly("fix", "new");
	}

	@Test
	void itsNewRepeatableIsAppliedBesideAFailedLaterVersion() {
		failALaterRelease();
		this.migrations.file("R__fix.sql", "CREATE VIEW fix AS SELECT 1 AS one");
		assertThat(replica().startAndStop().migrations()).isOne();
		assertThat(this.database.value("SELECT one FROM fix")).isEqualTo("1");
	}

	private void applyALaterRelease() {
		applyALaterRelease(replica());
	}

	private void applyALaterRelease(Replica replica) {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		this.migrations.file("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 'new'::text AS release");
		replica.startAndStop();
		this.migrations.delete("V2__b.sql");
		this.migrations.file("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 'old'::text AS release");
	}

	private void failALaterRelease() {
		this.database.execute("INSERT INTO a VALUES (1), (1)");
		this.migrations.file("V2__index.sql", "CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)");
		assertThat(catchThrowable(() -> replica().startAndStop())).isNotNull();
		this.migrations.delete("V2__index.sql");
		assertThat(this.database.list("SELECT version FROM flyway_schema_history WHERE NOT success"))
			.containsExactly("2");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.flyway.postgresql.transactional-lock", false);
	}

	private Replica skipping(String onSchemaBehind) {
		return replica().with("headlock.skip-migrations", true).with("headlock.on-schema-behind", onSchemaBehind);
	}

	private List<String> history() {
		return this.database.list("SELECT h::text FROM flyway_schema_history h ORDER BY installed_rank");
	}

	/** A repeatable migration in Java that a later release has changed. */
	@Configuration(proxyBeanMethods = false)
	static class OlderView {

		@Bean
		R__Java_view olderView() {
			return new R__Java_view();
		}

	}

	/** A new one. */
	@Configuration(proxyBeanMethods = false)
	static class Fix {

		@Bean
		R__Java_fix fix() {
			return new R__Java_fix();
		}

	}

	static class R__Java_view extends BaseJavaMigration {

		@Override
		public Integer getChecksum() {
			return 1;
		}

		@Override
		public void migrate(Context context) throws Exception {
			try (var statement = context.getConnection().createStatement()) {
				statement.execute("CREATE TABLE IF NOT EXISTS effect (name text); INSERT INTO effect VALUES ('old')");
			}
		}

	}

	static class R__Java_fix extends BaseJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			try (var statement = context.getConnection().createStatement()) {
				statement.execute("INSERT INTO effect VALUES ('fix')");
			}
		}

	}

}
