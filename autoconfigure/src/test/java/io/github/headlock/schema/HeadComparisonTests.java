package io.github.headlock.schema;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

import io.github.headlock.SchemaState;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the probe says, held against what Flyway's migrate then does.
 */
class HeadComparisonTests {

	private final Release release;

	HeadComparisonTests(@TempDir Path folder) {
		this.release = new Release(new TestMigrations(folder));
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
				}, SchemaState.AHEAD, 0),
				new Situation("a failed version of a later release, and a new repeatable", (test) -> {
					test.delete("V2__b.sql");
					test.file("R__new.sql", "SELECT 'new'");
					test.database.execute("UPDATE flyway_schema_history SET success = false WHERE version = '2'");
				}, SchemaState.AHEAD, 1),
				new Situation("a failed version of a later release, and one of this pending", (test) -> {
					test.delete("V2__b.sql");
					test.file("V1.5__between.sql", "SELECT 1");
					test.database.execute("UPDATE flyway_schema_history SET success = false WHERE version = '2'");
				}, SchemaState.BEHIND, 1), new Situation("a failed version below the head that is gone", (test) -> {
					test.delete("V1__a.sql");
					test.database.execute("UPDATE flyway_schema_history SET success = false WHERE version = '1'");
				}, SchemaState.FAILED, 0), new Situation("a new repeatable on a later release's schema", (test) -> {
					test.delete("V2__b.sql");
					test.file("R__new.sql", "SELECT 'new'");
				}, SchemaState.AHEAD, 1), new Situation("a new repeatable beside a changed one, both later", (test) -> {
					test.delete("V2__b.sql");
					test.file("R__view.sql", "SELECT 'older'");
					test.file("R__new.sql", "SELECT 'new'");
				}, SchemaState.AHEAD, 1),
				new Situation("a changed version, everything ignored",
						(test) -> test.file("V2__b.sql", "SELECT 'changed'"),
						(settings) -> settings.ignoreMigrationPatterns("*:*"), SchemaState.AT_HEAD, 0),
				new Situation("a changed description, versions ignored",
						(test) -> test.migrations.rename("V2__b.sql", "V2__another_name.sql"),
						(settings) -> settings.ignoreMigrationPatterns("versioned:*"), SchemaState.AT_HEAD, 0),
				new Situation("a repeatable of another type, repeatables ignored",
						(test) -> test.database
							.execute("UPDATE flyway_schema_history SET type = 'JDBC' WHERE version IS NULL"),
						(settings) -> settings.ignoreMigrationPatterns("repeatable:*"), SchemaState.AT_HEAD, 0),
				new Situation("the same version in other digits",
						(test) -> test.migrations.rename("V1__a.sql", "V1.0__a.sql"), SchemaState.AT_HEAD, 0),
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
				new Situation("nothing contained, nothing applied, and a schema that is there", (test) -> {
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
				}, SchemaState.BEHIND, 0), new Situation("a schema to create", (test) -> {
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

	@Test
	void aFailedRepeatableOfAnotherReleaseIsPassedOverUnlikeByFlyway() throws Exception {
		new Situation("a failed repeatable of another release", (test) -> {
			test.delete("R__view.sql");
			test.database.execute("UPDATE flyway_schema_history SET success = false WHERE version IS NULL");
		}, SchemaState.AT_HEAD, 0).checkThatFlywayAloneRefuses(this.release);
	}

	@ParameterizedTest
	@MethodSource("situations")
	void theProbeSaysWhatFlywayThenDoes(Situation situation) throws Exception {
		situation.check(this.release);
	}

}
