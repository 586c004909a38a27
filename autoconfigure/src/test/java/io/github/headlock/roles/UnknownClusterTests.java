package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.UUID;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Roles that are blocked on a server whose identifier no role may ask for, as some clouds
 * revoke it.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class UnknownClusterTests {

	private static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	UnknownClusterTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void revokeTheIdentifier() {
		this.database.allowThroughPooler(this.roles.migrator(), this.roles.application());
		replica(false).startAndStop();
		this.database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC",
				"REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), this.roles.application()));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void rolesAreBlockedDrainedAndRestored(boolean pooled) throws Exception {
		this.migrations.file("V2__wait.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection session = this.roles.connect(); Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking(pooled).startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(this.roles.canLogIn()).isFalse();
			assertThat(this.roles.isRecorded()).isTrue();
			assertThat(session.isValid(0)).isFalse();
			gate.rollback();
			assertThat(start.result()).extracting(MigrationReport::outcome, MigrationReport::terminatedSessions)
				.containsExactly(MigrationOutcome.MIGRATED, 1);
		}
		assertLoginRestored();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theNextStartRestoresWhatAKilledProcessHasLeft(boolean pooled) throws Exception {
		this.migrations.file("V2__wait.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate(); ReplicaProcess process = ReplicaProcess.start(blocking(pooled))) {
			this.database.awaitMigrationAtTheGate();
			process.kill();
		}
		await().until(() -> this.database.advisoryLocks() == 0);
		assertThat(this.roles.canLogIn()).isFalse();
		replica(pooled).startAndStop();
		assertLoginRestored();
	}

	@ParameterizedTest
	@EnumSource(BlockMode.class)
	void whatWasRecordedWithTheIdentifierIsRestoredWithoutIt(BlockMode blockWith) throws Exception {
		this.database.execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
		leaveBlocked(blockWith);
		this.database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
		assertThat(replica(false).startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertLoginRestored();
	}

	@Test
	void whatWasRecordedWithoutTheIdentifierIsRestoredWithIt() throws Exception {
		leaveBlocked(BlockMode.NOLOGIN);
		this.database.execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
		assertThat(replica(false).startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertLoginRestored();
	}

	@Test
	void aRoleThatAMigrationRenamesIsRestoredByIt() {
		String renamed = "renamed_" + this.database.name();
		this.migrations.file("V2__b.sql", "ALTER ROLE %s RENAME TO %s".formatted(this.roles.application(), renamed));
		assertThat(blocking(false).startAndStop().migrations()).isOne();
		assertThat(canLogIn(renamed)).isTrue();
		assertThat(this.roles.isRecorded()).isFalse();
	}

	@Test
	void aRoleOfAnotherNameStaysAsItIsAndIsWarnedOf(CapturedOutput output) throws Exception {
		leaveBlocked(BlockMode.NOLOGIN);
		String renamed = "renamed_" + this.database.name();
		this.database.execute("ALTER ROLE %s RENAME TO %s".formatted(this.roles.application(), renamed));
		replica(false).with("spring.datasource.username", this.roles.migrator()).startAndStop();
		assertThat(output).contains("left roles blocked, and their login cannot be restored",
				"role \"%s\" is recorded as \"%s\"".formatted(renamed, this.roles.application()),
				"pg_control_system()");
		assertThat(canLogIn(renamed)).isFalse();
		assertThat(this.roles.isRecorded()).isTrue();
	}

	private boolean canLogIn(String role) {
		return this.database.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = ?", role).equals("t");
	}

	private Replica replica(boolean pooled) {
		return this.roles.replica(url(pooled), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private Replica blocking(boolean pooled) {
		return this.roles.blockingReplica(url(pooled), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private String url(boolean pooled) {
		return pooled ? this.database.pooledUrl() : this.database.url();
	}

	/** What a process leaves behind that is killed after it has committed the block. */
	private void leaveBlocked(BlockMode blockWith) throws Exception {
		try (Connection connection = DriverManager.getConnection(this.database.url(), this.roles.migrator(), "")) {
			connection.setAutoCommit(false);
			new RoleJournal(HISTORY).block(connection, UUID.randomUUID(), blockWith,
					RoleFacts.read(connection, List.of(this.roles.application()))
						.stream()
						.map(RoleFacts::oid)
						.toList());
			connection.commit();
		}
		assertThat(this.roles.isRecorded()).isTrue();
	}

	private void assertLoginRestored() throws Exception {
		this.roles.connect().close();
		assertThat(this.roles.isRecorded()).isFalse();
	}

}
