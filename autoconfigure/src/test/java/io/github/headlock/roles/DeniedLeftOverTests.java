package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Roles that were left blocked, and a waiting process that may not restore their login.
 */
@ExtendWith(OutputCaptureExtension.class)
class DeniedLeftOverTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final String reader = "reader_" + this.database.name();

	private final TestMigrations migrations;

	DeniedLeftOverTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void leaveTheApplicationBlockedBelowTheHead() throws Exception {
		migrating().startAndStop();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(this.reader),
				"GRANT SELECT ON flyway_schema_history TO %s".formatted(this.reader), """
						CREATE FUNCTION times_locked() RETURNS int LANGUAGE plpgsql AS $$
						DECLARE seen int := 0;
						BEGIN
							FOR i IN 1..1500 LOOP
								seen := seen + (SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
									WHERE l.locktype = 'advisory' AND d.datname = current_database());
								PERFORM pg_sleep(0.001);
							END LOOP;
							RETURN seen;
						END $$""");
		leaveBlocked(this.roles.application());
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void deniedLeftOverRolesAreWarnedOfOnceAndNotLockedForAgain(boolean readable, CapturedOutput output)
			throws Exception {
		if (readable) {
			letTheReaderRead();
		}
		Background<MigrationReport> waiting = Background.start(() -> waiting().startAndStop());
		await().until(() -> warnings(output) > 0);
		await().until(() -> this.database.advisoryLocks() == 0);
		assertThat(this.database.value("SELECT times_locked()")).isEqualTo("0");
		assertThat(waiting.isDone()).isFalse();
		// it lets nobody in
		migrating().plain().start().close();
		assertThat(waiting.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		assertThat(warnings(output)).isOne();
		assertThat(this.roles.isRecorded()).isTrue();
	}

	@Test
	void otherLeftOverRolesAreTriedAndWarnedOfAgain(CapturedOutput output) throws Exception {
		letTheReaderRead();
		Background<MigrationReport> waiting = Background.start(() -> waiting().startAndStop());
		await().until(() -> warnings(output) > 0);
		String other = "other_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(other), "GRANT %s TO %s %s".formatted(other,
				this.roles.migrator(), (this.database.majorVersion() >= 16) ? "WITH ADMIN OPTION" : ""));
		leaveBlocked(other);
		letTheReaderRead();
		await().until(() -> warnings(output) > 1);
		migrating().startAndStop();
		assertThat(waiting.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
		assertThat(warnings(output)).isEqualTo(2);
		assertThat(this.roles.canLogIn()).isTrue();
	}

	@Test
	void aRecordThatIsDroppedWhileItIsReadEndsNoWait(CapturedOutput output) throws Exception {
		letTheReaderRead();
		Background<MigrationReport> waiting = Background.start(() -> waiting().startAndStop());
		await().until(() -> warnings(output) > 0);
		await().until(() -> this.database.advisoryLocks() == 0);
		try (Connection restoring = this.database.inTransaction(
				"ALTER ROLE %s LOGIN".formatted(this.roles.application()),
				"DROP TABLE flyway_schema_history_blocked_roles")) {
			await().until(() -> !this.database
				.list("SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
						+ "WHERE NOT l.granted AND d.datname = current_database()")
				.isEmpty());
			restoring.commit();
		}
		migrating().startAndStop();
		assertThat(waiting.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "RAISE EXCEPTION $q$no$q$", "INSERT INTO in_no_schema VALUES (1)" })
	void leftOverRolesThatTheDatabaseNeverRestoresAreWarnedOfOnce(String refusal, CapturedOutput output)
			throws Exception {
		this.database.execute("GRANT ALL ON flyway_schema_history_blocked_roles TO %s".formatted(this.reader),
				"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN %s; END'".formatted(refusal),
				"CREATE TRIGGER refuse BEFORE DELETE ON flyway_schema_history_blocked_roles FOR EACH ROW "
						+ "EXECUTE FUNCTION refuse()");
		Background<MigrationReport> waiting = Background.start(() -> waiting().startAndStop());
		await().until(() -> warnings(output) > 0);
		await().until(() -> this.database.advisoryLocks() == 0);
		assertThat(this.database.value("SELECT times_locked()")).isEqualTo("0");
		assertThat(warnings(output)).isOne();
		assertThat(output).doesNotContain("Roles cannot be altered yet");
		this.database.execute("DROP TRIGGER refuse ON flyway_schema_history_blocked_roles");
		migrating().startAndStop();
		assertThat(waiting.result().outcome()).isEqualTo(MigrationOutcome.SKIPPED);
	}

	private void letTheReaderRead() {
		this.database.execute("GRANT SELECT ON flyway_schema_history_blocked_roles TO %s".formatted(this.reader));
	}

	private static int warnings(CapturedOutput output) {
		return StringUtils.countOccurrencesOf(output.getAll(),
				"left roles blocked, and their login cannot be restored");
	}

	private Replica migrating() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.datasource.username", this.roles.migrator())
			.with("spring.flyway.locations", this.migrations.location());
	}

	private Replica waiting() {
		return Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.datasource.username", this.reader)
			.with("headlock.skip-migrations", true)
			.with("headlock.on-schema-behind", "wait");
	}

	private void leaveBlocked(String role) throws Exception {
		LeftOverBlock.leave(this.database, this.roles, BlockMode.NOLOGIN, role);
	}

}
