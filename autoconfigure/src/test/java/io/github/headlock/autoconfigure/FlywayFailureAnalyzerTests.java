package io.github.headlock.autoconfigure;

import java.nio.file.Path;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What a newcomer reads of the mistakes that are met first, as real starts report them.
 */
@ExtendWith(OutputCaptureExtension.class)
class FlywayFailureAnalyzerTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	FlywayFailureAnalyzerTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@Tag("every-version")
	@Test
	void aSyntaxErrorIsNamedWithItsLine(CapturedOutput output) {
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int);\n\nCREATE TABEL c (id int);");
		assertReported(output, replica(), """
				Description:

				Migration V2__b.sql failed at line 3: ERROR: syntax error at or near "TABEL" (SQLSTATE 42601)
				It was rolled back. The migrations before it are applied.

				Action:

				Correct the migration, and start again.
				""");
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void allOfAGroupAreRolledBack(CapturedOutput output) {
		this.migrations.file("V2__b.sql", "CREATE TABEL c (id int);");
		assertReported(output, replica().with("spring.flyway.group", true),
				"It was rolled back, and with it the other pending migrations, if all of them can run in a transaction.");
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'a'")).isEmpty();
	}

	@Tag("every-version")
	@Test
	void whatAMigrationOutsideATransactionLeftIsNamed(CapturedOutput output) {
		this.migrations.file("V2__b.sql",
				"INSERT INTO a VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);");
		this.migrations.file("V2__b.sql.conf", "executeInTransaction=false");
		assertReported(output, replica(),
				"""
						Migration V2__b.sql failed at line 2: ERROR: could not create unique index "a_id" (SQLSTATE 23505)
						Detail: Key (id)=(1) is duplicated.
						It does not run in a transaction: what its statements did up to that line stays, such as an INVALID index\
						 of CREATE INDEX CONCURRENTLY, and the history table has a row that says that it failed.

						Action:

						Remove what the migration left behind and correct it. The next start names the statement that deletes its\
						 row from the history table.
						""");
	}

	@Tag("every-version")
	@Test
	void aChangedMigrationIsReportedInTermsOfSpring(CapturedOutput output) {
		replica().startAndStop();
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id bigint)");
		this.migrations.file("V2__b.sql", "SELECT 2");
		assertReported(output, replica(),
				"""
						History table: "public"."flyway_schema_history". It was not changed.

						Action:

						Restore the text of a migration that was applied, and put the change into a new migration. If the change \
						has no effect on the schema, such as one of a comment, run the repair of Flyway's command line or build plugin, which records the new checksum.
						""");
		assertThat(analysisIn(output)).contains("Migration checksum mismatch for migration version 1");
	}

	@Test
	void aRemovedMigrationIsReportedInTermsOfSpring(CapturedOutput output) {
		this.migrations.file("V2__b.sql", "SELECT 2");
		replica().startAndStop();
		this.migrations.delete("V1__a.sql");
		this.migrations.file("V3__c.sql", "SELECT 3");
		assertReported(output, replica(),
				"""
						History table: "public"."flyway_schema_history". It was not changed.

						Action:

						Restore a migration that was applied and is gone. If it was removed on purpose, set \
						spring.flyway.ignore-migration-patterns=*:missing,*:future, or squash with headlock.minimum-schema-version.
						""");
	}

	@Test
	void aMigrationBelowTheAppliedOnesIsReportedInTermsOfSpring(CapturedOutput output) {
		this.migrations.file("V2__b.sql", "SELECT 2");
		replica().startAndStop();
		this.migrations.file("V1.5__between.sql", "SELECT 3");
		assertReported(output, replica(),
				"""
						History table: "public"."flyway_schema_history". It was not changed.

						Action:

						Give a new migration a version above all that are applied. To apply it below them, set \
						spring.flyway.out-of-order=true; to leave it out, spring.flyway.ignore-migration-patterns=*:ignored,*:future.
						""");
	}

	@Test
	void aRoleThatMayNotCreateTheHistoryIsToldTheGrant(CapturedOutput output) {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
		assertReported(output, replica().with("spring.datasource.username", roles.application()), """
				ERROR: permission denied for schema public (SQLSTATE 42501)

				Action:

				Let the owner or a superuser run GRANT USAGE, CREATE ON SCHEMA "public" TO "%s";
				""".formatted(roles.application()));
	}

	@Test
	void theRoleIsTheOneThatMigratesWhereverItComesFrom(CapturedOutput output) {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
		assertReported(output,
				replica().with("spring.flyway.init-sqls", "SET ROLE \"%s\"".formatted(roles.application())),
				"GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"%s\";".formatted(roles.application()));
	}

	@Test
	void aMigrationThatMayNotCreateATableIsToldTheGrant(CapturedOutput output) {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("CREATE SCHEMA \"Other one\"",
				"GRANT USAGE ON SCHEMA \"Other one\" TO \"%s\"".formatted(roles.migrator()));
		this.migrations.file("V2__b.sql", "CREATE TABLE \"Other one\".b (id int)");
		assertReported(output,
				roles.replica(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location()),
				"""
						Correct the migration, and start again. Let the owner or a superuser run GRANT USAGE, CREATE ON SCHEMA \
						"Other one" TO "%s";
						"""
					.formatted(roles.migrator()));
	}

	@Test
	void aCallbackThatLacksAPrivilegeIsNamed(CapturedOutput output) {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("CREATE SCHEMA other");
		this.migrations.file("afterMigrate.sql", "CREATE TABLE other.b (id int)");
		assertReported(output,
				roles.replica(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location()),
				"Failed to execute script afterMigrate.sql: ERROR: permission denied for schema other (SQLSTATE 42501)");
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void allThatTheServerSaysIsShown(CapturedOutput output) {
		this.migrations.file("V2__b.sql", """
				CREATE FUNCTION fail() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
				RAISE EXCEPTION E'first\\nsecond' USING HINT = 'a hint'; END $$;
				SELECT fail();
				""");
		assertReported(output, replica(), """
				Migration V2__b.sql failed at line 3: ERROR: first second (SQLSTATE P0001)
				Hint: a hint
				Where: PL/pgSQL function fail() line 2 at RAISE
				It was rolled back. The migrations before it are applied.
				""");
	}

	@Test
	void anUnknownHostIsNamed(CapturedOutput output) {
		assertReported(output, replica().with("spring.datasource.url", "jdbc:postgresql://no-such-host.invalid/x"),
				"""
						The database cannot be reached (jdbc:postgresql://no-such-host.invalid/x): The connection attempt failed. \
						UnknownHostException: no-such-host.invalid
						""");
	}

	@Test
	void aFlywayWithoutItsModuleForPostgresqlIsToldTheDependency() throws Exception {
		try (ReplicaProcess process = ReplicaProcess.startWithoutFlywaysPostgresqlModule(replica())) {
			assertThat(process.exitCode()).isOne();
			assertThat(process.output()).contains(
					"Flyway lacks its module for PostgreSQL: Unsupported Database: PostgreSQL",
					"Add the dependency org.flywaydb:flyway-database-postgresql. Spring Boot manages its version.");
		}
	}

	private static void assertReported(CapturedOutput output, Replica replica, String text) {
		assertThatException().isThrownBy(replica::start);
		assertThat(output).doesNotContain("\tat ");
		assertThat(analysisIn(output)).contains(text.strip())
			.doesNotContain("-outOfOrder", "-ignoreMigrationPatterns", "Need more flexibility", "run repair");
	}

	private static String analysisIn(CapturedOutput output) {
		String out = output.getOut();
		assertThat(out).contains("APPLICATION FAILED TO START");
		return out.substring(out.indexOf("APPLICATION FAILED TO START"));
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

}
