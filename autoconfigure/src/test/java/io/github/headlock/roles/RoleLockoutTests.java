package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Roles that are kept out during a migration, and whose login is restored whatever
 * happens.
 */
@Tag("every-postgresql")
@Tag("every-locale")
@ExtendWith(OutputCaptureExtension.class)
class RoleLockoutTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	RoleLockoutTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__wait.sql", "SELECT pg_advisory_xact_lock(1, 1)");
	}

	@Tag("every-version")
	@ParameterizedTest
	@ValueSource(strings = { "shop", "Shop Ünit \"7\" 'x'; --" })
	void rolesAreOutWhileAMigrationRunsAndInAgainAfterwards(String name, CapturedOutput output) throws Exception {
		TestRoles roles = TestRoles.create(this.database, name + this.database.name());
		try (Connection session = roles.connect(); Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking(roles).startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(roles.canLogIn()).isFalse();
			assertThat(roles.isRecorded()).isTrue();
			assertThat(roles.sessions()).isZero();
			assertThat(session.isValid(0)).isFalse();
			assertThatExceptionOfType(SQLException.class).isThrownBy(roles::connect)
				.withMessageContaining("is not permitted to log in");
			gate.rollback();
			assertThat(start.result()).extracting(MigrationReport::outcome, MigrationReport::terminatedSessions)
				.containsExactly(MigrationOutcome.MIGRATED, 1);
		}
		assertLoginRestored(roles);
		assertThat(output).contains("Blocking the roles [" + roles.application() + "]", "; terminated: 1",
				"is restored", "(migrated 2 migrations, terminated 1 session, waited ");
	}

	@Test
	void nothingElseOnTheServerNotices() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		TestDatabase elsewhere = TestDatabase.create();
		TestRoles others = TestRoles.create(elsewhere);
		try (Connection sameRoleElsewhere = roles.connect(elsewhere);
				Connection otherRoleHere = others.connect(this.database);
				Connection superuser = this.database.connect()) {
			assertThat(blocking(roles).startAndStop().terminatedSessions()).isZero();
			assertThat(sameRoleElsewhere.isValid(0)).isTrue();
			assertThat(otherRoleHere.isValid(0)).isTrue();
			assertThat(superuser.isValid(0)).isTrue();
		}
	}

	@Test
	void aReplicationSessionOfTheRoleLivesOn() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("ALTER ROLE %s REPLICATION".formatted(roles.application()),
				"REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(this.database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s".formatted(this.database.name(), roles.application()));
		try (Connection replication = DriverManager.getConnection(
				this.database.url() + "?replication=database&preferQueryMode=simple&assumeMinServerVersion=9.4",
				roles.application(), "")) {
			String sender = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender' AND usename::text = ? "
					+ "AND datname = current_database()";
			assertThat(this.database.list(sender, roles.application())).hasSize(1);
			// up to PostgreSQL 15 only a superuser may alter a role with REPLICATION
			assertThat(blocking(roles).with("headlock.sessions.block-with", "revoke-connect")
				.startAndStop()
				.terminatedSessions()).isZero();
			assertThat(this.database.list(sender, roles.application())).hasSize(1);
		}
	}

	@Test
	void aRoleThatCouldNotLogInCannotAfterwards() {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("ALTER ROLE %s NOLOGIN".formatted(roles.application()));
		blocking(roles).with("spring.datasource.username", "postgres").startAndStop();
		assertThat(roles.canLogIn()).isFalse();
		assertThat(roles.isRecorded()).isFalse();
	}

	@Test
	void anOrdinaryStartTouchesNoRoleAndNoSession(CapturedOutput output) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		replica(roles).startAndStop();
		String untouched = roleVersion(roles);
		try (Connection session = roles.connect()) {
			assertThat(blocking(roles).startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			// Flyway runs here, because it has work at every start
			this.migrations.file("afterMigrate.sql", "SELECT 1");
			assertThat(blocking(roles).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
			assertThat(blocking(roles).with("headlock.fast-path", "off").startAndStop().outcome())
				.isEqualTo(MigrationOutcome.MIGRATED);
			assertThat(session.isValid(0)).isTrue();
		}
		assertThat(roleVersion(roles)).isEqualTo(untouched);
		assertThat(output).doesNotContain("Blocking the roles");
	}

	/** Changes with every ALTER ROLE. */
	private String roleVersion(TestRoles roles) {
		return this.database.value("SELECT xmin FROM pg_authid WHERE rolname = ?", roles.application());
	}

	@Tag("every-version")
	@Test
	void aFailingMigrationRestoresTheLogin() {
		TestRoles roles = TestRoles.create(this.database);
		this.migrations.file("V2__wait.sql", "SELECT 1/0");
		assertThatThrownBy(() -> blocking(roles).startAndStop()).cause().isInstanceOf(FlywayException.class);
		assertLoginRestored(roles);
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void aReleaseThatFlywayRefusesPutsNobodyOut(CapturedOutput output) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		replica(roles).startAndStop();
		this.migrations.file("V1__a.sql", "CREATE TABLE changed (id int)");
		this.migrations.file("V3__b.sql", "CREATE TABLE b (id int)");
		try (Connection session = roles.connect()) {
			assertThatThrownBy(() -> blocking(roles).startAndStop()).hasStackTraceContaining("checksum mismatch");
			assertThat(session.isValid(0)).isTrue();
		}
		assertThat(output).doesNotContain("Blocking the roles");
	}

	@Test
	void theRecordOfTheRolesDoesNotMakeAnEmptySchemaLookUsed() {
		TestRoles roles = TestRoles.create(this.database);
		// with a schema that looks used, Flyway would pass over version 1
		assertThat(blocking(roles).with("spring.flyway.baseline-on-migrate", true).startAndStop().migrations())
			.isEqualTo(2);
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'a'")).hasSize(1);
	}

	@Test
	void aSchemaThatFlywayCreatesIsNoHindrance() {
		TestRoles roles = TestRoles.create(this.database);
		Replica replica = blocking(roles).with("spring.flyway.schemas", "Of its \"own\"");
		assertThat(replica.startAndStop().migrations()).isEqualTo(2);
		assertLoginRestored(roles);
	}

	@Test
	void aRepeatableReadServerIsNoHindrance() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute(
				"ALTER DATABASE %s SET default_transaction_isolation = 'serializable'".formatted(this.database.name()));
		try (Connection session = roles.connect()) {
			assertThat(blocking(roles).startAndStop().terminatedSessions()).isOne();
		}
		assertLoginRestored(roles);
	}

	@Test
	void aConcurrentChangeOfTheRoleIsWaitedFor() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection other = this.database
			.inTransaction("ALTER ROLE %s CONNECTION LIMIT 50".formatted(roles.application()))) {
			Background<MigrationReport> start = Background.start(() -> blocking(roles).startAndStop());
			this.database.awaitBlockedBy(other);
			// now the role is "concurrently updated" for Headlock's transaction
			other.commit();
			assertThat(start.result().migrations()).isEqualTo(2);
		}
		assertLoginRestored(roles);
		assertThat(this.database.value("SELECT rolconnlimit FROM pg_roles WHERE rolname = ?", roles.application()))
			.isEqualTo("50");
	}

	@Test
	void theApplicationsOwnCallbacksFindItGone() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.migrations.file("beforeMigrate.sql", "CREATE TABLE seen AS SELECT rolcanlogin FROM pg_roles "
				+ "WHERE rolname = '%s'".formatted(roles.application()));
		blocking(roles).startAndStop();
		assertThat(this.database.value("SELECT rolcanlogin FROM seen")).isEqualTo("f");
	}

	@Test
	void threeConnectionsAreEnough() {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("ALTER ROLE %s CONNECTION LIMIT 3".formatted(roles.migrator()));
		assertThat(blocking(roles).startAndStop().migrations()).isEqualTo(2);
	}

	private Replica replica(TestRoles roles) {
		return roles.replica(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	private Replica blocking(TestRoles roles) {
		return roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private void assertLoginRestored(TestRoles roles) {
		assertThat(roles.canLogIn()).isTrue();
		assertThat(roles.isRecorded()).isFalse();
		assertThat(this.database.advisoryLocks()).isZero();
	}

}
