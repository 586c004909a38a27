package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.regex.Pattern;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Processes in languages that have digits or letters of their own, and in time zones that
 * are not whole hours from UTC.
 */
class LocaleTests {

	private static final String LOCK = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());

	private static final Pattern OTHER_DIGIT = Pattern.compile("[\\p{Nd}&&[^0-9]]");

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	LocaleTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ar-EG", "fa-IR", "bn-BD", "tr-TR" })
	void aProcessWaitsDrainsAndMigratesAsInEnglish(String locale) throws Exception {
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int)");
		this.migrations.file("V2__b.sql", "CREATE INDEX CONCURRENTLY parcel_id ON parcel (id)");
		Replica replica = replica().with("headlock.ddl.lock-timeout", "10s")
			.with("headlock.sessions.roles[0]", this.roles.application())
			.with("headlock.terminate-db-sessions", true);
		try (Connection holder = this.database.hold(LOCK);
				Connection session = this.roles.connect();
				ReplicaProcess process = start(replica, locale)) {
			await().atMost(Duration.ofMinutes(3))
				.until(() -> process.output().contains("Waiting for the migration lock") || !process.isAlive());
			holder.rollback();
			assertThat(process.exitCode()).as(process.output()).isZero();
			assertThat(process.output()).containsPattern("Database ready: schema \"public\" at version 2 "
					+ "\\(migrated 2 migrations, terminated 1 session, waited [0-9.]+ s, took [0-9.]+ s");
			assertOnlyAsciiDigits(process);
			assertThat(session.isValid(10)).isFalse();
		}
		assertThat(this.database.history()).containsExactly("1", "2");
		assertThat(this.roles.canLogIn()).isTrue();
	}

	@Test
	void anInvalidIndexAndTheFailedRowAreNamedAsInEnglish() throws Exception {
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int); INSERT INTO parcel VALUES (1), (1)");
		this.migrations.file("V2__b.sql", "CREATE UNIQUE INDEX CONCURRENTLY parcel_id ON parcel (id)");
		assertExit(replica(), 1, "could not create unique index", "[public.parcel_id]");
		assertExit(replica(), 1, "DROP INDEX CONCURRENTLY public.parcel_id", "AND version = '2'");
	}

	@Test
	void aLockTimeoutIsExplainedAsInEnglish() throws Exception {
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int)");
		try (Connection holder = this.database.hold(LOCK)) {
			assertExit(replica().with("headlock.lock.timeout", "1s"), 10, "within 1.0 s: it is held by pid ");
		}
	}

	@Test
	void sessionsThatDoNotEndAreNamedAsInEnglish() throws Exception {
		this.migrations.file("V1__a.sql", "CREATE TABLE parcel (id int)");
		try (Connection session = this.roles.connect()) {
			assertExit(
					replica().with("headlock.sessions.roles[0]", this.roles.application())
						.with("headlock.sessions.drain-timeout", "1s"),
					12, "did not end within 1.0 s: 1 session", "connected for ");
		}
	}

	private void assertExit(Replica replica, int exitCode, String... explanation) throws Exception {
		try (ReplicaProcess process = start(replica, "ar-EG")) {
			assertThat(process.exitCode()).as(process.output()).isEqualTo(exitCode);
			assertThat(process.output()).contains(explanation);
			assertOnlyAsciiDigits(process);
		}
	}

	/** Flyway's own lines are at a level that the tests do not show. */
	private static void assertOnlyAsciiDigits(ReplicaProcess process) {
		assertThat(process.output().lines()).filteredOn((line) -> OTHER_DIGIT.matcher(line).find()).isEmpty();
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private static ReplicaProcess start(Replica replica, String locale) {
		String[] parts = locale.split("-", 2);
		return ReplicaProcess.start(ReplicaProcess.Main.class, replica, "-Duser.language=" + parts[0],
				"-Duser.country=" + parts[1], "-Duser.timezone=Asia/Kathmandu", "-Dfile.encoding=UTF-8",
				"-Dstdout.encoding=UTF-8", "-Dsun.stdout.encoding=UTF-8");
	}

}
