package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.schema.FailedMigrationException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.waiting.StartInterruptedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Roles that a process which died has left blocked, and those of one that lives.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class RoleRecoveryTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	RoleRecoveryTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void migrateToTheFirstVersion() {
		replica().startAndStop();
	}

	@ParameterizedTest
	@EnumSource(BlockMode.class)
	void aStartAtHeadRestoresTheLogin(BlockMode blockWith, CapturedOutput output) throws Exception {
		this.database.execute("REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), this.roles.application()));
		leaveBlocked(blockWith);
		assertThatThrownBy(this.roles::connect).isNotNull();
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(output)
			.contains("had left these roles blocked; their login is restored: [" + this.roles.application() + "]");
		assertLoginRestored();
	}

	@Test
	void aStartOnASchemaAheadRestoresTheLogin() throws Exception {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		replica().startAndStop();
		this.migrations.delete("V2__b.sql");
		leaveBlocked(BlockMode.NOLOGIN);
		replica().startAndStop();
		assertLoginRestored();
	}

	@Test
	void aStartThatFindsAFailedMigrationRestoresTheLogin() throws Exception {
		this.database.execute("UPDATE flyway_schema_history SET success = false");
		leaveBlocked(BlockMode.NOLOGIN);
		assertThatThrownBy(() -> replica().startAndStop()).hasRootCauseInstanceOf(FailedMigrationException.class);
		assertLoginRestored();
	}

	@Test
	void aStartThatMigratesRestoresTheLoginAndBlocksOnlyTheConfiguredRoles() throws Exception {
		leaveBlocked(BlockMode.NOLOGIN);
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> replica().startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertLoginRestored();
			gate.rollback();
			assertThat(start.result().migrations()).isOne();
		}
	}

	@Test
	void aStartThatBlocksTheRolesAgainRestoresTheLoginAfterwards() throws Exception {
		leaveBlocked(BlockMode.NOLOGIN);
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.startAndStop();
		assertLoginRestored();
	}

	@Test
	void aStartThatMayNotRestoreTheLoginSaysWhatToDo(CapturedOutput output) throws Exception {
		leaveBlocked(BlockMode.NOLOGIN);
		String reader = "reader_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(reader),
				"GRANT SELECT ON flyway_schema_history TO %s".formatted(reader));
		assertThat(replica().with("spring.flyway.user", reader).startAndStop().outcome())
			.isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(output).contains("SELECT * FROM \"public\".\"flyway_schema_history_blocked_roles\" lists them",
				"permission denied");
		assertThat(this.roles.canLogIn()).isFalse();
		replica().startAndStop();
		assertLoginRestored();
	}

	@Test
	void theBlockOfAProcessAtWorkIsWaitedFor(CapturedOutput output) throws Exception {
		leaveBlocked(BlockMode.NOLOGIN);
		try (Connection holder = this.database.hold(String.valueOf(LeftOverBlock.HISTORY.lockKey()))) {
			Background<MigrationReport> start = Background.start(() -> replica().startAndStop());
			await().until(() -> output.toString().contains("roles of the application are blocked meanwhile"));
			assertThat(start.isDone()).isFalse();
			assertThat(this.roles.canLogIn()).isFalse();
			holder.rollback();
			assertThat(start.result().outcome()).isEqualTo(MigrationOutcome.WAITED);
		}
		assertLoginRestored();
	}

	@Test
	void manyStartsAtOnceRestoreTheLoginOnce(CapturedOutput output) throws Exception {
		leaveBlocked(BlockMode.NOLOGIN);
		List<Background<MigrationReport>> starts = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			starts.add(Background.start(() -> replica().startAndStop()));
		}
		for (Background<MigrationReport> start : starts) {
			assertThat(start.result().migrations()).isZero();
		}
		assertLoginRestored();
		assertThat(output.toString().split("their login is restored", -1)).hasSize(2);
	}

	@Test
	void rolesThatWereRenamedOrDroppedMeanwhileAreNoHindrance() throws Exception {
		String dropped = "dropped_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(dropped), "GRANT %s TO %s %s".formatted(dropped,
				this.roles.migrator(), (this.database.majorVersion() >= 16) ? "WITH ADMIN OPTION" : ""));
		leaveBlocked(BlockMode.NOLOGIN, dropped, this.roles.application());
		String renamed = "renamed_" + this.database.name();
		this.database.execute("DROP ROLE " + dropped,
				"ALTER ROLE %s RENAME TO %s".formatted(this.roles.application(), renamed));
		replica().with("spring.datasource.username", renamed).startAndStop();
		assertThat(this.database.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = ?", renamed)).isEqualTo("t");
		assertThat(this.roles.isRecorded()).isFalse();
	}

	@Test
	void anInterruptedMigrationRestoresTheLogin() throws Exception {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		try (Connection session = this.roles.connect()) {
			Background<MigrationReport> start = Background.start(() -> waiting().startAndStop());
			await().until(this.roles::isRecorded);
			start.interrupt();
			assertThat(start.failure()).hasRootCauseInstanceOf(InterruptedException.class)
				.cause()
				.isInstanceOf(StartInterruptedException.class);
		}
		assertLoginRestored();
	}

	@Test
	void aMigrationThatLosesItsConnectionRestoresTheLogin() throws Exception {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		// the look at the facts of the roles, before they are blocked, asks for sessions
		// too
		String draining = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'headlock %' "
				+ "AND datname = current_database() AND query LIKE '%a.usesysid OPERATOR(pg_catalog.=) ANY%'";
		try (Connection session = this.roles.connect()) {
			Background<MigrationReport> start = Background.start(() -> waiting().startAndStop());
			await().until(() -> !this.database.list(draining).isEmpty());
			this.database.value("SELECT pg_terminate_backend(?::int)", this.database.value(draining));
			assertThat(start.failure()).hasStackTraceContaining("terminating connection due to administrator command");
		}
		assertLoginRestored();
		assertThat(this.database.history()).containsExactly("1");
	}

	private Replica waiting() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("headlock.terminate-db-sessions", false);
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private void leaveBlocked(BlockMode blockWith, String... names) throws Exception {
		LeftOverBlock.leave(this.database, this.roles, blockWith,
				(names.length > 0) ? names : new String[] { this.roles.application() });
		assertThat(this.roles.isRecorded()).isTrue();
	}

	private void assertLoginRestored() throws Exception {
		this.roles.connect().close();
		assertThat(this.roles.isRecorded()).isFalse();
	}

}
