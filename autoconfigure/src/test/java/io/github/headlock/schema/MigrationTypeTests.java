package io.github.headlock.schema;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.headlock.SchemaState;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.api.CoreMigrationType;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.executor.Context;
import org.flywaydb.core.api.executor.MigrationExecutor;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.flywaydb.core.internal.jdbc.Results;
import org.flywaydb.core.internal.resolver.ResolvedMigrationImpl;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the probe says to the types of Flyway's migrations in the history.
 */
class MigrationTypeTests {

	private final Release release;

	MigrationTypeTests(@TempDir Path folder) {
		this.release = new Release(new TestMigrations(folder));
	}

	static Stream<Situation> situations() {
		Consumer<FluentConfiguration> withJava = (settings) -> settings.javaMigrations(new V3__Java());
		Consumer<FluentConfiguration> withCustom = (settings) -> settings.resolvers((context) -> List.of(custom()));
		return Stream.of(
				// the community edition has the type, and takes nothing back
				new Situation("an undone head", (test) -> insert(test, "2", "UNDO_SCRIPT", true), SchemaState.AT_HEAD,
						0),
				new Situation("an undone version", (test) -> insert(test, "1", "UNDO_SCRIPT", true),
						SchemaState.AT_HEAD, 0),
				new Situation("an undone version that was applied again", (test) -> {
					insert(test, "2", "UNDO_SCRIPT", true);
					test.database.execute("INSERT INTO flyway_schema_history SELECT 100, version, description, type, "
							+ "script, checksum, installed_by, installed_on, execution_time, success "
							+ "FROM flyway_schema_history WHERE version = '2' AND type = 'SQL'");
				}, SchemaState.AT_HEAD, 0), new Situation("an undone version of a later release", (test) -> {
					test.delete("V2__b.sql");
					insert(test, "2", "UNDO_SCRIPT", true);
				}, SchemaState.AHEAD, 0), new Situation("an undone version, and a new one", (test) -> {
					insert(test, "2", "UNDO_SCRIPT", true);
					test.file("V3__c.sql", "SELECT 3");
				}, SchemaState.BEHIND, 1),
				new Situation("a failed undo", (test) -> insert(test, "1", "UNDO_SCRIPT", false), SchemaState.FAILED,
						0),
				unknown("UNDO_SQL"), unknown("UNDO_JDBC"), unknown("STATE_SCRIPT"), unknown("PYTHON"),
				new Situation("a script in place of SQL", type("2", "SCRIPT"), SchemaState.BEHIND, 1),
				new Situation("Java in place of SQL", type("2", "JDBC"), SchemaState.BEHIND, 1),
				new Situation("a custom one in place of SQL", type("2", "CUSTOM"), SchemaState.BEHIND, 1),
				new Situation("a type in small letters", type("2", "sql"), SchemaState.BEHIND, 1),
				new Situation("Java", (test) -> migrate(test, withJava), withJava, SchemaState.AT_HEAD, 0),
				new Situation("a custom one", (test) -> migrate(test, withCustom), withCustom, SchemaState.AT_HEAD, 0),
				new Situation("a custom one that is gone", (test) -> migrate(test, withCustom), SchemaState.AHEAD, 0),
				new Situation("a schema that was created",
						(test) -> recreate(test, (settings) -> settings.schemas("public", "other")),
						(settings) -> settings.schemas("public", "other"), SchemaState.AT_HEAD, 0),
				new Situation("a baseline", (test) -> {
					test.database.execute("CREATE TABLE legacy (id int)");
					recreate(test, (settings) -> settings.baselineOnMigrate(true).baselineVersion("1.5"));
				}, SchemaState.AT_HEAD, 0), new Situation("a squash in Java in place of SQL", (test) -> {
					test.file("B2__all.sql", "SELECT 2");
					recreate(test, (settings) -> {
					});
					type("2", "JDBC_BASELINE").accept(test);
				}, SchemaState.AT_HEAD, 0), new Situation("a deleted repeatable", (test) -> {
					test.delete("R__view.sql");
					test.flyway().repair();
				}, SchemaState.AT_HEAD, 0), new Situation("a deleted repeatable that came back", (test) -> {
					test.delete("R__view.sql");
					test.flyway().repair();
					test.file("R__view.sql", "SELECT 'view'");
				}, SchemaState.BEHIND, 1), new Situation("a deleted repeatable that was applied again", (test) -> {
					test.delete("R__view.sql");
					test.flyway().repair();
					test.file("R__view.sql", "SELECT 'view'");
					test.flyway().migrate();
				}, SchemaState.AT_HEAD, 0));
	}

	@ParameterizedTest
	@MethodSource("situations")
	void theProbeSaysWhatFlywayThenDoes(Situation situation) throws Exception {
		situation.check(this.release);
	}

	/** Which Flyway refuses to read. */
	private static Situation unknown(String type) {
		return new Situation("of type " + type, (test) -> insert(test, "2", type, true), SchemaState.BEHIND,
				type.startsWith("UNDO_") ? 0 : 1);
	}

	private static void insert(Release release, String version, String type, boolean success) {
		release.database
			.execute(("INSERT INTO flyway_schema_history SELECT max(installed_rank) + 1, '%s', 'row', '%s', "
					+ "'row', NULL, current_user, now(), 0, %s FROM flyway_schema_history")
				.formatted(version, type, success));
	}

	private static Consumer<Release> type(String version, String type) {
		return (release) -> release.database
			.execute("UPDATE flyway_schema_history SET type = '%s' WHERE version = '%s'".formatted(type, version));
	}

	private static void migrate(Release release, Consumer<FluentConfiguration> settings) {
		FluentConfiguration configuration = release.configuration();
		settings.accept(configuration);
		configuration.load().migrate();
	}

	private static void recreate(Release release, Consumer<FluentConfiguration> settings) {
		release.database.execute("DROP TABLE flyway_schema_history");
		migrate(release, settings);
	}

	private static ResolvedMigration custom() {
		return new ResolvedMigrationImpl(MigrationVersion.fromVersion("3"), "custom", "custom", 1, 1,
				CoreMigrationType.CUSTOM, "custom", new MigrationExecutor() {

					@Override
					public List<Results> execute(Context context) {
						return List.of();
					}

					@Override
					public boolean canExecuteInTransaction() {
						return true;
					}

					@Override
					public boolean shouldExecute() {
						return true;
					}

				});
	}

	static class V3__Java extends BaseJavaMigration {

		@Override
		public void migrate(org.flywaydb.core.api.migration.Context context) {
		}

	}

}
