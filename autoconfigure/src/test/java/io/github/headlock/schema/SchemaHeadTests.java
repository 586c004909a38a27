package io.github.headlock.schema;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.configuration.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the probe looks, what it says when it cannot, and what it finds besides.
 */
@Tag("every-version")
class SchemaHeadTests {

	private final Release release;

	SchemaHeadTests(@TempDir Path folder) {
		this.release = new Release(new TestMigrations(folder));
	}

	@Test
	void lookingChangesNothingAndLeavesTheTransactionUsable() throws Exception {
		this.release.file("V1__a.sql", "SELECT 1");
		try (Connection connection = this.release.database.connect()) {
			SchemaHead head = Release.head(this.release.configuration(), connection);
			connection.setAutoCommit(false);
			assertThat(head.look(connection).state()).isEqualTo(SchemaState.BEHIND);
			assertThat(head.look(connection).state()).isEqualTo(SchemaState.BEHIND);
			connection.commit();
		}
		assertThat(this.release.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'"))
			.isEmpty();
	}

	@Test
	void aTableThatMayNotBeReadIsUnknownWithTheReason() throws Exception {
		this.release.file("V1__a.sql", "SELECT 1");
		this.release.flyway().migrate();
		this.release.database.execute("CREATE ROLE %s_reader LOGIN".formatted(this.release.database.name()));
		try (Connection connection = DriverManager.getConnection(this.release.database.url(),
				this.release.database.name() + "_reader", "")) {
			SchemaStatus status = Release.head(this.release.configuration(), connection).look(connection);
			assertThat(status.state()).isEqualTo(SchemaState.UNKNOWN);
			assertThat(status.reason()).contains("permission denied for table flyway_schema_history");
		}
	}

	@Test
	void migrationsThatCannotBeListedAreUnknownWithTheReason() throws Exception {
		this.release.file("V1__a.sql", "SELECT 1");
		this.release.file("V1__b.sql", "SELECT 2");
		SchemaStatus status = this.release.look(this.release.configuration());
		assertThat(status.state()).isEqualTo(SchemaState.UNKNOWN);
		assertThat(status.reason()).contains("Found more than one migration with version 1");
	}

	@Test
	void aFlywayOfAnotherShapeIsUnknownWithTheReason() throws Exception {
		Configuration anotherFlyway = new ClassicConfiguration(this.release.configuration()) {

			@Override
			public Location[] getLocations() {
				throw new NoSuchMethodError("getLocations");
			}

		};
		SchemaStatus status = this.release.look(anotherFlyway);
		assertThat(status.state()).isEqualTo(SchemaState.UNKNOWN);
		assertThat(status.reason()).contains("NoSuchMethodError: getLocations");
	}

	@Test
	void theStatusHasTheCurrentAndTheHeadVersion() throws Exception {
		this.release.file("V1__a.sql", "SELECT 1");
		this.release.flyway().migrate();
		this.release.file("V2.10__b.sql", "SELECT 2");
		this.release.file("V2.9__c.sql", "SELECT 2");
		SchemaStatus status = this.release.look(this.release.configuration());
		assertThat(status.currentVersion()).isEqualTo("1");
		assertThat(status.headVersion()).isEqualTo("2.10");
		assertThat(status.reason()).isEqualTo("version 2.9 (c) is pending, and 1 more");
	}

	@Test
	void workForEveryStartIsFound() throws Exception {
		for (String quiet : List.of("afterMigrateApplied.sql", "beforeEachMigrate.sql", "afterEachMigrateStatement.sql",
				"beforeRepeatables.sql", "afterMigrateError.sql", "afterMigrates.txt")) {
			this.release.file(quiet, "SELECT 1");
		}
		assertThat(this.release.alwaysRunWork()).isEmpty();
		this.release.file("afterMigrate__grants.sql", "SELECT 1");
		this.release.file("beforeValidate.sql", "SELECT 1");
		this.release.file("afterVersioned.sql", "SELECT 1");
		this.release.file("R__stamped.sql", "SELECT '${flyway:timestamp}'");
		assertThat(this.release.alwaysRunWork()).containsExactlyInAnyOrder("callback script beforeValidate.sql",
				"callback script afterVersioned.sql", "callback script afterMigrate__grants.sql",
				"repeatable migration R__stamped.sql with a time stamp");
	}

	@Test
	void aRepeatableWithATimeStampCountsAsAppliedOnceItRan() throws Exception {
		this.release.file("R__stamped.sql", "SELECT '${flyway:timestamp}'");
		assertThat(this.release.look(this.release.configuration()).state()).isEqualTo(SchemaState.BEHIND);
		this.release.flyway().migrate();
		assertThat(this.release.look(this.release.configuration()).state()).isEqualTo(SchemaState.AT_HEAD);
	}

}
