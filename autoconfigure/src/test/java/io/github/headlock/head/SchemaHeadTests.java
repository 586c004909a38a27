package io.github.headlock.head;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.ServerFacts;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestMigrations;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the probe says, held against what Flyway's migrate then does.
 */
class SchemaHeadTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	SchemaHeadTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	/**
	 * A history, then a change of the files, the table or the settings.
	 *
	 * @param name what the row is about
	 * @param change makes the situation after V1, V2 and R__view were applied
	 * @param settings settings of the release that looks
	 * @param expected what the probe must say
	 * @param pending how many migrations it must count
	 */
	record Situation(String name, Consumer<SchemaHeadTests> change, Consumer<FluentConfiguration> settings,
			SchemaState expected, int pending) {

		Situation(String name, Consumer<SchemaHeadTests> change, SchemaState expected, int pending) {
			this(name, change, (configuration) -> {
			}, expected, pending);
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

	static Stream<Situation> situations() {
		return Stream.of(new Situation("nothing changed", (test) -> {
		}, SchemaState.AT_HEAD, 0),
				new Situation("a new version", (test) -> test.file("V3__c.sql", "SELECT 3"), SchemaState.BEHIND, 1),
				new Situation("two new ones", (test) -> {
					test.file("V3__c.sql", "SELECT 3");
					test.file("R__other.sql", "SELECT 4");
				}, SchemaState.BEHIND, 2),
				new Situation("a changed repeatable", (test) -> test.file("R__view.sql", "SELECT 'changed'"),
						SchemaState.BEHIND, 1),
				new Situation("a changed version", (test) -> test.file("V2__b.sql", "SELECT 'changed'"),
						SchemaState.BEHIND, 1),
				new Situation("a changed version, not validated", (test) -> test.file("V2__b.sql", "SELECT 'changed'"),
						(settings) -> settings.validateOnMigrate(false), SchemaState.AT_HEAD, 0),
				new Situation("a changed description",
						(test) -> test.migrations.rename("V2__b.sql", "V2__another_name.sql"), SchemaState.BEHIND, 1),
				new Situation("a removed version", (test) -> test.delete("V1__a.sql"), SchemaState.BEHIND, 0),
				new Situation("a removed version, ignored", (test) -> test.delete("V1__a.sql"),
						(settings) -> settings.ignoreMigrationPatterns("*:missing"), SchemaState.AT_HEAD, 0),
				new Situation("a removed repeatable", (test) -> test.delete("R__view.sql"), SchemaState.BEHIND, 0),
				new Situation("a version in between", (test) -> test.file("V1.5__between.sql", "SELECT 1"),
						SchemaState.BEHIND, 1),
				new Situation("a version in between, out of order",
						(test) -> test.file("V1.5__between.sql", "SELECT 1"), (settings) -> settings.outOfOrder(true),
						SchemaState.BEHIND, 1),
				new Situation("a version in between, ignored", (test) -> test.file("V1.5__between.sql", "SELECT 1"),
						(settings) -> settings.ignoreMigrationPatterns("*:ignored"), SchemaState.AT_HEAD, 0),
				new Situation("a later release", (test) -> test.delete("V2__b.sql"), SchemaState.AHEAD, 0),
				new Situation("a later release that changed a repeatable", (test) -> {
					test.delete("V2__b.sql");
					test.file("R__view.sql", "SELECT 'older'");
				}, SchemaState.AHEAD, 0),
				new Situation("a later release, and this one is not applied either", (test) -> {
					test.delete("V2__b.sql");
					test.file("V1.5__between.sql", "SELECT 1");
				}, SchemaState.BEHIND, 1),
				new Situation("a failed version",
						(test) -> test.database
							.execute("UPDATE flyway_schema_history SET success = false WHERE version = '2'"),
						SchemaState.FAILED, 0),
				new Situation("a failed version of a later release", (test) -> {
					test.delete("V2__b.sql");
					test.database.execute("UPDATE flyway_schema_history SET success = false WHERE version = '2'");
				}, SchemaState.FAILED, 0),
				new Situation("a failed repeatable",
						(test) -> test.database
							.execute("UPDATE flyway_schema_history SET success = false WHERE version IS NULL"),
						SchemaState.FAILED, 0),
				new Situation("no history table", (test) -> test.database.execute("DROP TABLE flyway_schema_history"),
						SchemaState.BEHIND, 3),
				new Situation("an empty history table",
						(test) -> test.database.execute("DELETE FROM flyway_schema_history"), SchemaState.BEHIND, 3),
				new Situation("a deleted version", (test) -> {
					test.delete("V1__a.sql");
					test.flyway().repair();
				}, SchemaState.AT_HEAD, 0), new Situation("a deleted version that came back", (test) -> {
					test.delete("V1__a.sql");
					test.flyway().repair();
					test.file("V1__a.sql", "SELECT 1");
				}, SchemaState.BEHIND, 1), new Situation("squashed files, applied one by one before", (test) -> {
					test.delete("V1__a.sql");
					test.delete("V2__b.sql");
					test.file("B2__all.sql", "SELECT 2");
				}, SchemaState.BEHIND, 0), new Situation("squashed files beside the old ones",
						(test) -> test.file("B2__all.sql", "SELECT 2"), SchemaState.AT_HEAD, 0),
				new Situation("a squashed start", (test) -> {
					test.database.execute("DROP TABLE flyway_schema_history");
					test.file("B2__all.sql", "SELECT 2");
					test.flyway().migrate();
				}, SchemaState.AT_HEAD, 0), new Situation("a squashed start before it happens", (test) -> {
					test.database.execute("DROP TABLE flyway_schema_history");
					test.file("B2__all.sql", "SELECT 2");
				}, SchemaState.BEHIND, 2), new Situation("a baselined database", (test) -> {
					test.database.execute("DROP TABLE flyway_schema_history", "CREATE TABLE legacy (id int)");
					test.configuration().baselineOnMigrate(true).baselineVersion("1").load().migrate();
				}, SchemaState.AT_HEAD, 0), new Situation("a baseline above everything", (test) -> {
					test.database.execute("DROP TABLE flyway_schema_history", "CREATE TABLE legacy (id int)");
					test.configuration().baselineOnMigrate(true).baselineVersion("9").load().migrate();
				}, SchemaState.AT_HEAD, 0),
				new Situation("nothing carried, nothing applied, and a schema that is there", (test) -> {
					test.delete("V1__a.sql");
					test.delete("V2__b.sql");
					test.delete("R__view.sql");
					test.database.execute("DELETE FROM flyway_schema_history");
				}, (settings) -> settings.schemas("public"), SchemaState.AT_HEAD, 0),
				new Situation("a version in between, not validated",
						(test) -> test.file("V1.5__between.sql", "SELECT 1"),
						(settings) -> settings.validateOnMigrate(false), SchemaState.AT_HEAD, 0),
				new Situation("a misnamed file, and names are validated", (test) -> test.file("V3_c.sql", "SELECT 3"),
						(settings) -> settings.validateMigrationNaming(true), SchemaState.UNKNOWN, 0),
				new Situation("a misnamed file", (test) -> test.file("V3_c.sql", "SELECT 3"), SchemaState.AT_HEAD, 0),
				new Situation("a squash of what was applied one by one", (test) -> {
					test.delete("V1__a.sql");
					test.file("B1__all.sql", "SELECT 1");
				}, SchemaState.BEHIND, 0), new Situation("a squash in place of the head", (test) -> {
					test.delete("V2__b.sql");
					test.file("B2__all.sql", "SELECT 2");
				}, SchemaState.AT_HEAD, 0), new Situation("a squash that was applied and then taken apart", (test) -> {
					test.database.execute("DROP TABLE flyway_schema_history");
					test.file("B1__all.sql", "SELECT 1");
					test.flyway().migrate();
					test.delete("B1__all.sql");
				}, SchemaState.BEHIND, 0),
				new Situation("a repeatable of another type",
						(test) -> test.database
							.execute("UPDATE flyway_schema_history SET type = 'JDBC' WHERE version IS NULL"),
						SchemaState.BEHIND, 1),
				new Situation("a row of an unknown type",
						(test) -> test.database
							.execute("UPDATE flyway_schema_history SET type = 'PYTHON' WHERE version = '1'"),
						SchemaState.BEHIND, 1),
				new Situation("a version deleted twice", (test) -> {
					test.delete("V1__a.sql");
					test.flyway().repair();
					test.database.execute("INSERT INTO flyway_schema_history SELECT installed_rank + 100, version, "
							+ "description, type, script, checksum, installed_by, installed_on, execution_time, success "
							+ "FROM flyway_schema_history WHERE type = 'DELETE'");
				}, SchemaState.BEHIND, 0),
				new Situation("a target below", (test) -> test.file("V3__c.sql", "SELECT 3"),
						(settings) -> settings.target("2"), SchemaState.AT_HEAD, 0),
				new Situation("a schema to create", (test) -> {
				}, (settings) -> settings.schemas("public", "second"), SchemaState.BEHIND, 0),
				new Situation("a description longer than the column", (test) -> {
					test.file("V3__" + "long_".repeat(42) + ".sql", "SELECT 3");
					test.flyway().migrate();
				}, SchemaState.AT_HEAD, 0), new Situation("placeholders in a repeatable", (test) -> {
					test.file("R__built_in.sql",
							"SELECT '${flyway:database} ${flyway:user} ${flyway:defaultSchema} ${flyway:table} "
									+ "${flyway:filename} ${flyway:workingDirectory} ${mine}'");
					test.configuration().placeholders(Map.of("mine", "1")).load().migrate();
				}, (settings) -> settings.placeholders(Map.of("mine", "1")), SchemaState.AT_HEAD, 0),
				new Situation("another value of a placeholder", (test) -> {
					test.file("R__built_in.sql", "SELECT '${mine}'");
					test.configuration().placeholders(Map.of("mine", "1")).load().migrate();
				}, (settings) -> settings.placeholders(Map.of("mine", "2")), SchemaState.BEHIND, 1));
	}

	@ParameterizedTest
	@MethodSource("situations")
	void theProbeSaysWhatFlywayThenDoes(Situation situation) throws Exception {
		file("V1__a.sql", "SELECT 1");
		file("V2__b.sql", "SELECT 2");
		file("R__view.sql", "SELECT 'view'");
		flyway().migrate();
		situation.change().accept(this);
		FluentConfiguration configuration = configuration();
		situation.settings().accept(configuration);

		SchemaStatus status = look(configuration);

		assertThat(status.state()).as(status.toString()).isEqualTo(situation.expected());
		assertThat(status.pending()).as(status.toString()).isEqualTo(situation.pending());
		assertThat(status.reason() == null).isEqualTo(status.state() == SchemaState.AT_HEAD);
		if (status.state() == SchemaState.AT_HEAD) {
			assertThat(migrate(configuration)).as("Flyway agrees").isEqualTo("nothing");
		}
		if (status.state() == SchemaState.BEHIND || status.state() == SchemaState.UNKNOWN) {
			assertThat(migrate(configuration)).as("Flyway agrees").isNotEqualTo("nothing");
		}
	}

	@Test
	void lookingChangesNothingAndLeavesTheTransactionUsable() throws Exception {
		file("V1__a.sql", "SELECT 1");
		try (Connection connection = this.database.connect()) {
			SchemaHead head = head(configuration(), connection);
			connection.setAutoCommit(false);
			assertThat(head.look(connection).state()).isEqualTo(SchemaState.BEHIND);
			assertThat(head.look(connection).state()).isEqualTo(SchemaState.BEHIND);
			connection.commit();
		}
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
	}

	@Test
	void aTableThatMayNotBeReadIsUnknownWithTheReason() throws Exception {
		file("V1__a.sql", "SELECT 1");
		flyway().migrate();
		this.database.execute("CREATE ROLE %s_reader LOGIN".formatted(this.database.name()));
		try (Connection connection = DriverManager.getConnection(this.database.url(), this.database.name() + "_reader",
				"")) {
			SchemaStatus status = head(configuration(), connection).look(connection);
			assertThat(status.state()).isEqualTo(SchemaState.UNKNOWN);
			assertThat(status.reason()).contains("permission denied for table flyway_schema_history");
		}
	}

	@Test
	void migrationsThatCannotBeListedAreUnknownWithTheReason() throws Exception {
		file("V1__a.sql", "SELECT 1");
		file("V1__b.sql", "SELECT 2");
		SchemaStatus status = look(configuration());
		assertThat(status.state()).isEqualTo(SchemaState.UNKNOWN);
		assertThat(status.reason()).contains("Found more than one migration with version 1");
	}

	@Test
	void aFlywayOfAnotherShapeIsUnknownWithTheReason() throws Exception {
		Configuration anotherFlyway = new ClassicConfiguration(configuration()) {

			@Override
			public Location[] getLocations() {
				throw new NoSuchMethodError("getLocations");
			}

		};
		try (Connection connection = this.database.connect()) {
			SchemaStatus status = head(anotherFlyway, connection).look(connection);
			assertThat(status.state()).isEqualTo(SchemaState.UNKNOWN);
			assertThat(status.reason()).contains("NoSuchMethodError: getLocations");
		}
	}

	@Test
	void theVersionsAreTold() throws Exception {
		file("V1__a.sql", "SELECT 1");
		flyway().migrate();
		file("V2.10__b.sql", "SELECT 2");
		file("V2.9__c.sql", "SELECT 2");
		SchemaStatus status = look(configuration());
		assertThat(status.currentVersion()).isEqualTo("1");
		assertThat(status.headVersion()).isEqualTo("2.10");
		assertThat(status.reason()).isEqualTo("version 2.9 (c) is pending, and 1 more");
	}

	@Test
	void workForEveryStartIsFound() throws Exception {
		for (String quiet : List.of("afterMigrateApplied.sql", "beforeEachMigrate.sql", "afterEachMigrateStatement.sql",
				"beforeRepeatables.sql", "afterMigrateError.sql", "afterMigrates.txt")) {
			file(quiet, "SELECT 1");
		}
		assertThat(standingWork()).isEmpty();
		file("afterMigrate__grants.sql", "SELECT 1");
		file("beforeValidate.sql", "SELECT 1");
		file("afterVersioned.sql", "SELECT 1");
		file("R__stamped.sql", "SELECT '${flyway:timestamp}'");
		assertThat(standingWork()).containsExactlyInAnyOrder("callback script beforeValidate.sql",
				"callback script afterVersioned.sql", "callback script afterMigrate__grants.sql",
				"repeatable migration R__stamped.sql with a time stamp");
	}

	@Test
	void aRepeatableWithATimeStampCountsAsAppliedOnceItRan() throws Exception {
		file("R__stamped.sql", "SELECT '${flyway:timestamp}'");
		assertThat(look(configuration()).state()).isEqualTo(SchemaState.BEHIND);
		flyway().migrate();
		assertThat(look(configuration()).state()).isEqualTo(SchemaState.AT_HEAD);
	}

	private List<String> standingWork() throws Exception {
		try (Connection connection = this.database.connect()) {
			return head(configuration(), connection).standingWork();
		}
	}

	private SchemaStatus look(FluentConfiguration configuration) throws Exception {
		try (Connection connection = this.database.connect()) {
			return head(configuration, connection).look(connection);
		}
	}

	private static SchemaHead head(Configuration configuration, Connection connection) throws Exception {
		ServerFacts server = ServerFacts.read(connection);
		return SchemaHead.of(configuration, HistoryTable.of(configuration, server), server);
	}

	private static String migrate(FluentConfiguration configuration) {
		try {
			Flyway flyway = configuration.load();
			List<String> schemas = Arrays.asList(configuration.getSchemas());
			int executed = flyway.migrate().migrationsExecuted;
			return (executed > 0 || schemas.contains("second")) ? "something" : "nothing";
		}
		catch (FlywayException ex) {
			return "refused: " + ex.getMessage();
		}
	}

	private Flyway flyway() {
		return configuration().load();
	}

	private FluentConfiguration configuration() {
		return Flyway.configure().dataSource(this.database.url(), "postgres", "").locations(this.migrations.location());
	}

	private void file(String name, String content) {
		this.migrations.file(name, content);
	}

	private void delete(String name) {
		this.migrations.delete(name);
	}

}
