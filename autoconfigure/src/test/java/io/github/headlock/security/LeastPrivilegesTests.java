package io.github.headlock.security;

import io.github.headlock.startup.OnSchemaBehind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.flyway.MigrationBlockedException;
import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.test.DocumentationPage;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The privileges that the reference names, and no others, in a schema of its own.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class LeastPrivilegesTests {

	private final TestDatabase database = TestDatabase.create();

	private final String migrator = "shop_migrator_" + this.database.name();

	private final String application = "shop_" + this.database.name();

	private final DocumentationPage.Section privileges = DocumentationPage.read("reference.md").section("Privileges");

	LeastPrivilegesTests() {
		this.database.execute("CREATE ROLE %s LOGIN".formatted(this.migrator),
				"CREATE ROLE %s LOGIN".formatted(this.application), "CREATE SCHEMA shop",
				"REVOKE ALL ON SCHEMA public FROM PUBLIC",
				"REVOKE ALL ON DATABASE %s FROM PUBLIC".formatted(this.database.name()),
				"GRANT CONNECT ON DATABASE %s TO %s, %s".formatted(this.database.name(), this.migrator,
						this.application),
				next());
	}

	@ParameterizedTest
	@EnumSource(OnSchemaBehind.class)
	void theDocumentedPrivilegesAreEnoughToMigrateAndToSkip(OnSchemaBehind mode) throws Exception {
		assertThat(migrating().startAndStop()).extracting(MigrationReport::outcome, MigrationReport::migrations)
			.containsExactly(MigrationOutcome.MIGRATED, 3);
		try (Connection session = DriverManager.getConnection(this.database.url(), this.migrator, "")) {
			session.createStatement().execute(next());
		}
		assertThat(skipping().with("headlock.on-schema-behind", mode).startAndStop().status().state().isReady())
			.isTrue();
		try (Connection session = DriverManager.getConnection(this.database.url(), this.application, "")) {
			assertThatThrownBy(() -> session.createStatement().execute("CREATE TABLE shop.t ()"))
				.isInstanceOf(SQLException.class)
				.hasMessageContaining("permission denied");
			assertThatThrownBy(() -> session.createStatement().execute("DELETE FROM shop.flyway_schema_history"))
				.isInstanceOf(SQLException.class)
				.hasMessageContaining("permission denied");
		}
		// the warning, and the statements of a schema of the migrator's own, which
		// DocumentedPrivilegesTests takes
		assertThat(this.privileges.rest()).isEmpty();
	}

	@Test
	void theDocumentedPrivilegesAreEnoughToNameTheSessionsThatBlockAMigration(@TempDir Path folder,
			CapturedOutput output) throws Exception {
		TestMigrations migrations = new TestMigrations(folder);
		Replica replica = migrating().with("spring.flyway.locations", migrations.location())
			.with("headlock.ddl.lock-timeout", "3s")
			.with("headlock.ddl.max-attempts", 2);
		migrations.file("V1__a.sql",
				"CREATE TABLE parcel (id int); GRANT SELECT ON parcel TO %s".formatted(this.application));
		replica.startAndStop();
		migrations.file("V2__b.sql", "ALTER TABLE parcel ADD name text");
		try (Connection idle = DriverManager.getConnection(this.database.url() + "?ApplicationName=shop",
				this.application, "")) {
			idle.setAutoCommit(false);
			idle.createStatement().execute("SELECT * FROM shop.parcel");
			int pid = idle.unwrap(PGConnection.class).getBackendPID();
			String inTheWay = "blocked by: [pid %d, role \"%s\", application \"shop\"]".formatted(pid,
					this.application);
			assertThatException().isThrownBy(replica::startAndStop)
				.havingCause()
				.isInstanceOfSatisfying(MigrationBlockedException.class,
						(ex) -> assertThat(ex.getBlockers())
							.containsExactly(new DatabaseSession(pid, this.application, "shop", null, null, null)))
				.withMessageEndingWith(inTheWay);
			assertThat(output).contains("(attempt 1 of 2); " + inTheWay + ". Trying again").doesNotContain("null");
		}
	}

	@Test
	void withoutThePrivilegesASkippingProcessNamesTheMissingOne() {
		migrating().startAndStop();
		assertThat(skipping().startAndStop().status().reason()).contains("permission denied");
	}

	private String next() {
		return this.privileges.nextSql("shop_migrator", this.migrator, "shop_application", this.application);
	}

	private Replica migrating() {
		return Replica.of(this.database.url(), "basic")
			.with("spring.datasource.username", this.migrator)
			.with("spring.flyway.schemas", "shop");
	}

	private Replica skipping() {
		return migrating().with("spring.datasource.username", this.application).with("headlock.skip-migrations", true);
	}

}
