package io.github.headlock.flyway;

import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static io.github.headlock.test.Starts.assertMigratesOnce;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What Flyway supports on its own, under Headlock, each at a first and a second start.
 */
@Tag("every-version")
class FlywayFeatureTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	FlywayFeatureTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@Test
	void javaMigrationsOnTheClassPath() {
		assertMigratesOnce(Replica.of(this.database.url(), "javamigration"), 2);
		assertThat(this.database.list("SELECT name FROM effect ORDER BY id")).containsExactly("V1", "V2");
	}

	@Test
	void javaMigrationsAsBeans() {
		assertMigratesOnce(Replica.of(this.database.url(), "basic").with(JavaMigrationBean.class), 4);
		assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
	}

	@Test
	void aJavaMigrationCastsItsConnectionToTheDriversInterfaces() {
		Replica replica = replica().with(CopyingMigration.class)
			.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", "postgres");
		this.migrations.file("V1__a.sql", "CREATE TABLE copied (id int)");
		assertMigratesOnce(replica, 2);
		assertThat(this.database.list("SELECT id FROM copied")).containsExactly("7");
	}

	@Test
	void aRepeatableMigrationRunsAgainWhenItChanges() {
		this.migrations.file("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS one");
		assertMigratesOnce(replica(), 1);
		this.migrations.file("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 2 AS one");
		assertMigratesOnce(replica(), 1);
		assertThat(this.database.value("SELECT one FROM v")).isEqualTo("2");
	}

	@Test
	void placeholdersAreReplaced() {
		this.migrations.file("V1__a.sql", "CREATE TABLE ${name} (id int)");
		this.migrations.file("R__b.sql", "CREATE OR REPLACE VIEW v AS SELECT '${name} ${flyway:user}' AS text");
		assertMigratesOnce(replica().with("spring.flyway.placeholders.name", "placed"), 2);
		assertThat(this.database.value("SELECT text FROM v")).isEqualTo("placed postgres");
	}

	@Test
	void sqlCallbacksRunAtEveryStart() {
		this.database.execute("CREATE TABLE calls (name text)");
		this.migrations.file("V1__a.sql", "SELECT 1");
		this.migrations.file("beforeMigrate.sql", "INSERT INTO calls VALUES ('before')");
		this.migrations.file("afterMigrate.sql", "INSERT INTO calls VALUES ('after')");
		Replica replica = replica().with("spring.flyway.baseline-on-migrate", true)
			.with("spring.flyway.baseline-version", 0);
		assertThat(replica.startAndStop().migrations()).isOne();
		assertThat(replica.startAndStop()).extracting(MigrationReport::outcome, MigrationReport::migrations)
			.containsExactly(MigrationOutcome.MIGRATED, 0);
		assertThat(this.database.list("SELECT name FROM calls")).containsExactly("before", "after", "before", "after");
	}

	@Test
	void javaCallbacksRunAtEveryStart() {
		Replica replica = Replica.of(this.database.url(), "basic").with(CallbackBean.class);
		CallbackBean.SEEN.clear();
		replica.startAndStop();
		replica.startAndStop();
		assertThat(CallbackBean.SEEN).containsExactly("beforeMigrate", "afterMigrate", "beforeMigrate", "afterMigrate");
	}

	@ParameterizedTest
	@CsvSource({ "other, Flyway History", "'Mixed Case', flyway_schema_history", "'quo\"te', history" })
	void aSchemaAndAHistoryTableOfAnyName(String schema, String table) {
		this.migrations.file("V1__a.sql", "CREATE TABLE thing (id int)");
		Replica replica = replica().with("spring.flyway.default-schema", schema).with("spring.flyway.table", table);
		assertMigratesOnce(replica, 1);
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
				+ "(SELECT oid FROM pg_namespace WHERE nspname = ?)", schema))
			.containsExactlyInAnyOrder("thing", table);
	}

	@Test
	void severalSchemasAreCreated() {
		this.migrations.file("V1__a.sql", "CREATE TABLE second.thing (id int)");
		assertMigratesOnce(replica().with("spring.flyway.schemas", "first,second"), 1);
		// One that was added to the list later is created although nothing is pending.
		replica().with("spring.flyway.schemas", "first,second,third").startAndStop();
		assertThat(this.database.list("SELECT nspname FROM pg_namespace WHERE nspname IN ('first', 'second', 'third')"))
			.hasSize(3);
	}

	@Test
	void schemasAreNotCreatedIfNotWanted() {
		this.database.execute("CREATE SCHEMA mine");
		this.migrations.file("V1__a.sql", "CREATE TABLE thing (id int)");
		assertMigratesOnce(replica().with("spring.flyway.create-schemas", false).with("spring.flyway.schemas", "mine"),
				1);
		assertThat(this.database.value("SELECT count(*) FROM mine.thing")).isEqualTo("0");
	}

	@Test
	void aDatabaseFromBeforeFlywayIsBaselined() {
		this.database.execute("CREATE TABLE legacy (id int)");
		this.migrations.file("V1__a.sql", "CREATE TABLE legacy (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE thing (id int)");
		assertMigratesOnce(replica().with("spring.flyway.baseline-on-migrate", true), 1);
	}

	@Test
	void migrationsOutOfOrder() {
		this.migrations.file("V2__b.sql", "SELECT 2");
		replica().startAndStop();
		this.migrations.file("V1__a.sql", "SELECT 1");
		assertMigratesOnce(replica().with("spring.flyway.out-of-order", true), 1);
		assertThat(this.database.history()).containsExactly("2", "1");
	}

	@Test
	void aGroupIsAppliedAsAWholeOrNotAtAll() {
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
		this.migrations.file("V2__b.sql", "CREATE TABLE a (id int)");
		Replica replica = replica().with("spring.flyway.group", true);
		assertThat(catchThrowable(replica::startAndStop)).isNotNull();
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relname = 'a'")).isEmpty();
		this.migrations.file("V2__b.sql", "CREATE TABLE b (id int)");
		assertMigratesOnce(replica, 2);
	}

	@Test
	void aMigrationAndItsHistoryRowAreOneTransaction() {
		Replica.of(this.database.url(), "basic").startAndStop();
		assertThat(this.database.value("SELECT count(*) FROM flyway_schema_history h JOIN effect e "
				+ "ON 'V' || h.version = e.name WHERE h.xmin = e.xmin"))
			.isEqualTo("3");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	@Configuration(proxyBeanMethods = false)
	static class JavaMigrationBean {

		@Bean
		JavaMigration migration() {
			return new V4__Bean();
		}

	}

	static class V4__Bean extends BaseJavaMigration {

		@Override
		public void migrate(org.flywaydb.core.api.migration.Context context) throws Exception {
			try (Statement statement = context.getConnection().createStatement()) {
				statement.execute("INSERT INTO effect (name) VALUES ('V4')");
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CopyingMigration {

		@Bean
		JavaMigration copying() {
			return new V2__Copy();
		}

		static final class V2__Copy extends BaseJavaMigration {

			@Override
			public void migrate(org.flywaydb.core.api.migration.Context context) throws Exception {
				new CopyManager((BaseConnection) context.getConnection()).copyIn("COPY copied FROM STDIN",
						new StringReader("7"));
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CallbackBean {

		static final List<String> SEEN = new ArrayList<>();

		@Bean
		Callback callback() {
			return new BaseCallback() {

				@Override
				public boolean supports(Event event, Context context) {
					return event == Event.BEFORE_MIGRATE || event == Event.AFTER_MIGRATE;
				}

				@Override
				public void handle(Event event, Context context) {
					SEEN.add(event.getId());
				}

			};
		}

	}

}
