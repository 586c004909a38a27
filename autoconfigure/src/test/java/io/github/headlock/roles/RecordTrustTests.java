package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.MigrationRoles;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * A record of blocked roles that somebody else has made, read, copied or destroyed. What
 * stands in it is done with the migrating role's privileges.
 */
@Tag("every-postgresql")
class RecordTrustTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	private final String sleeper = "sleeper_" + this.database.name();

	RecordTrustTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		replica().startAndStop();
		this.database.execute("CREATE ROLE %s NOLOGIN".formatted(this.sleeper),
				"GRANT %s TO %s %s".formatted(this.sleeper, this.roles.migrator(),
						(this.database.majorVersion() >= 16) ? "WITH ADMIN OPTION" : ""),
				"GRANT CREATE ON SCHEMA public TO %s".formatted(MigrationRoles.quoted(this.roles.application())));
	}

	@Test
	void aRecordThatTheApplicationHasMadeIsNotBelieved() throws Exception {
		try (Connection session = this.roles.connect()) {
			execute(session,
					"""
							CREATE TABLE flyway_schema_history_blocked_roles (role oid, role_name name, block_with text, \
							database oid, cluster bigint, run uuid, blocked_by text, blocked_at timestamptz);
							INSERT INTO flyway_schema_history_blocked_roles SELECT r.oid, r.rolname, 'NOLOGIN', d.oid, \
							(pg_control_system()).system_identifier, gen_random_uuid(), '', now() FROM pg_roles r, pg_database d \
							WHERE r.rolname = '%s' AND d.datname = current_database();
							CREATE FUNCTION pounce() RETURNS trigger LANGUAGE plpgsql AS \
							'BEGIN CREATE TABLE pounced (); RETURN OLD; END';
							CREATE TRIGGER pounce BEFORE DELETE ON flyway_schema_history_blocked_roles \
							FOR EACH ROW EXECUTE FUNCTION pounce();
							GRANT ALL ON flyway_schema_history_blocked_roles TO PUBLIC"""
						.formatted(this.sleeper));
		}
		assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(canLogIn(this.sleeper)).isFalse();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		assertThatThrownBy(() -> blocking().startAndStop()).cause()
			.isInstanceOf(RolesNotBlockableException.class)
			.hasMessageContaining(
					"there is a table \"public\".\"flyway_schema_history_blocked_roles\" that is not " + "Headlock's");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'pounced'")).isEmpty();
	}

	@Test
	void defaultPrivilegesDoNotLetTheApplicationForgeARow() throws Exception {
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		this.database.execute("ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT ALL ON TABLES TO %s, PUBLIC"
			.formatted(this.roles.migrator(), this.roles.application()));
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking().startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(this.database.list("SELECT DISTINCT grantee FROM information_schema.role_table_grants "
					+ "WHERE table_name = 'flyway_schema_history_blocked_roles'"))
				.containsExactly(this.roles.migrator());
			gate.rollback();
			start.result();
		}
	}

	@Test
	void aFunctionOfTheApplicationsIsNotRun() throws Exception {
		try (Connection session = this.roles.connect()) {
			execute(session, """
					CREATE FUNCTION public.format(text, name) RETURNS text LANGUAGE sql AS \
					'SELECT ''ALTER ROLE %s LOGIN''';
					CREATE FUNCTION public.quote_ident(name) RETURNS text LANGUAGE sql AS 'SELECT ''%s''';
					GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC""".formatted(this.sleeper, this.sleeper));
		}
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		assertThat(blocking().startAndStop().migrations()).isOne();
		assertThat(canLogIn(this.sleeper)).isFalse();
		assertThat(this.roles.canLogIn()).isTrue();
	}

	@Test
	void aRecordThatCameFromAnotherClusterConcernsNobodyHere() throws Exception {
		leaveBlocked();
		this.database.execute("UPDATE flyway_schema_history_blocked_roles SET cluster = 1, role = "
				+ "(SELECT oid FROM pg_roles WHERE rolname = '%s')".formatted(this.sleeper));
		replica().startAndStop();
		assertThat(canLogIn(this.sleeper)).isFalse();
		assertThat(this.roles.isRecorded()).isFalse();
	}

	@Test
	void aRecordThatCameWithACopyOfTheDatabaseConcernsNobodyThere() throws Exception {
		leaveBlocked();
		this.database.execute("UPDATE flyway_schema_history_blocked_roles SET database = 1");
		replica().startAndStop();
		assertThat(this.roles.canLogIn()).isFalse();
	}

	@Test
	void aReaderOfTheRecordKeepsNobodyOut() throws Exception {
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking().startAndStop());
			this.database.awaitMigrationAtTheGate();
			try (Connection dump = this.database.inTransaction("TABLE flyway_schema_history_blocked_roles")) {
				gate.rollback();
				assertThat(start.result().migrations()).isOne();
				assertThat(this.roles.canLogIn()).isTrue();
				assertThat(replica().startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			}
		}
		assertThat(this.roles.isRecorded()).isTrue();
		replica().startAndStop();
		assertThat(this.roles.isRecorded()).isFalse();
	}

	@Test
	void aMigrationThatSweepsItsSchemaKeepsNobodyOut() {
		this.migrations.file("V2__sweep.sql", "DROP TABLE flyway_schema_history_blocked_roles");
		assertThat(blocking().startAndStop().migrations()).isOne();
		assertThat(this.roles.canLogIn()).isTrue();
	}

	@Test
	void aRoleWhoseLoginCannotBeRestoredKeepsNoOtherOut() throws Exception {
		String other = "other_" + this.database.name();
		this.database.execute("CREATE ROLE %s LOGIN".formatted(other), "GRANT %s TO %s %s".formatted(other,
				this.roles.migrator(), (this.database.majorVersion() >= 16) ? "WITH ADMIN TRUE, INHERIT TRUE" : ""));
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> blocking().with("headlock.sessions.roles[1]", other).startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(canLogIn(other)).isFalse();
			this.database.execute("ALTER ROLE %s SUPERUSER".formatted(this.roles.application()));
			gate.rollback();
			assertThat(start.failure()).hasStackTraceContaining("could not be restored");
		}
		assertThat(canLogIn(other)).isTrue();
		assertThat(this.roles.canLogIn()).isFalse();
		this.database.execute("ALTER ROLE %s NOSUPERUSER".formatted(this.roles.application()));
		replica().startAndStop();
		assertThat(this.roles.canLogIn()).isTrue();
		assertThat(this.roles.isRecorded()).isFalse();
	}

	@Test
	void flywaysCleanTakesItForATableLikeAnyOther() throws Exception {
		leaveBlocked();
		Flyway.configure()
			.dataSource(this.database.url(), this.roles.migrator(), "")
			.cleanDisabled(false)
			.load()
			.clean();
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
			.isEmpty();
	}

	/** As after a crash in the middle. */
	private void leaveBlocked() throws Exception {
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> blocking().startAndStop());
			this.database.awaitMigrationAtTheGate();
			this.database.execute("CREATE TABLE saved AS TABLE flyway_schema_history_blocked_roles");
			gate.rollback();
			start.result();
		}
		this.database.execute("ALTER TABLE saved RENAME TO flyway_schema_history_blocked_roles",
				"ALTER TABLE flyway_schema_history_blocked_roles OWNER TO " + this.roles.migrator(),
				"ALTER ROLE %s NOLOGIN".formatted(this.roles.application()));
	}

	private boolean canLogIn(String role) {
		return this.database.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = ?", role).equals("t");
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		connection.createStatement().execute(sql);
	}

	private Replica replica() {
		return this.roles.replica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	private Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

}
