package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.PgBouncer;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The whole way from the declaration to the migration that requires it, with poolers,
 * defaults of roles, and commands of Flyway.
 */
@Tag("every-postgresql")
class BackgroundSurroundingsTests {

	private static final int POOL_SIZE = 3;

	/** Without what the pooler and the driver keep for each of their clients. */
	private static final String SET_IN_SESSION = "SELECT name || ' = ' || setting FROM pg_settings WHERE source = 'session' "
			+ "AND setting IS DISTINCT FROM reset_val AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', "
			+ "'TimeZone', 'standard_conforming_strings', 'extra_float_digits', 'IntervalStyle')";

	private final TestDatabase database = TestDatabase.create();

	@TempDir
	private Path folder;

	@Test
	void behindAPoolerInTransactionModeNothingIsLeftInItsSessions() throws Exception {
		try (PgBouncer pooler = this.database.pooler(POOL_SIZE)) {
			String url = pooler.url(this.database.name());
			Releases releases = new Releases(this.database, url, this.folder);
			releases.idle().startAndStop();
			releases.insert(1, 2_000);
			runToTheEnd(releases, releases.second().replica());
			assertThat(
					releases.third().idle().with("headlock.background.finalize-within", 0).startAndStop().migrations())
				.isOne();
			releases.migrations.file("V4__nullable.sql", "ALTER TABLE customer ALTER COLUMN full_name DROP NOT NULL");
			releases.idle().startAndStop();
			releases.insert(2_001, 3_000);
			releases.migrations.file("V5__enforce_again.sql", Releases.ENFORCE);
			assertThat(releases.idle().startAndStop().migrations()).isOne();
			assertThat(releases.count("times = 1")).isEqualTo(3_000);
			assertThat(sessionSettings(url)).hasSize(POOL_SIZE)
				.allSatisfy((settings) -> assertThat(settings).isEmpty());
		}
	}

	/** What is set in each of the pooler's sessions, all of which are taken at once. */
	private static List<List<String>> sessionSettings(String url) throws Exception {
		List<Connection> connections = new ArrayList<>();
		List<List<String>> settings = new ArrayList<>();
		try {
			for (int i = 0; i < POOL_SIZE; i++) {
				Connection connection = Customers.connect(url);
				connections.add(connection);
				connection.setAutoCommit(false);
				settings.add(Statements.query(connection, SET_IN_SESSION, (row) -> row.getString(1)));
			}
			return settings;
		}
		finally {
			for (Connection connection : connections) {
				connection.close();
			}
		}
	}

	private void runToTheEnd(Releases releases, Replica replica) {
		try (ConfigurableApplicationContext context = replica.start()) {
			await().until(() -> this.database.value("SELECT pass FROM flyway_schema_history_background").equals("2"));
			assertThat(context.isActive()).isTrue();
		}
		// the next pass is due now, and not in a minute
		this.database.execute("UPDATE flyway_schema_history_background SET next_at = NULL");
		try (ConfigurableApplicationContext context = replica.start()) {
			await().until(() -> releases.state().equals("finished"));
			assertThat(context.isActive()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "default_transaction_isolation = 'repeatable read'",
			"default_transaction_isolation = 'serializable'", "search_path = ''" })
	void whateverTheDefaultsOfTheRoleAre(String setting) throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		this.database.execute("ALTER ROLE %s SET %s".formatted(roles.migrator(), setting),
				"ALTER SCHEMA public OWNER TO " + roles.migrator());
		Releases releases = new Releases(this.database, this.folder);
		migrating(releases.idle(), roles).startAndStop();
		releases.insert(1, 2_000);
		releases.second();
		runToTheEnd(releases, migrating(releases.replica(), roles));
		releases.insert(2_001, 3_000);
		assertThat(migrating(releases.third().idle(), roles).startAndStop().migrations()).isOne();
		assertThat(releases.count("times = 1")).isEqualTo(3_000);
		assertThat(releases.state()).isEqualTo("finished");
	}

	/** With a name of the schema, which Flyway cannot find out without a search path. */
	private Replica migrating(Replica replica, TestRoles roles) {
		return replica.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", roles.migrator())
			.with("spring.flyway.password", "")
			.with("spring.flyway.default-schema", "public");
	}

	@Test
	void flywayValidatesBesideTheTablesAndCleansThemAway() throws Exception {
		Releases releases = new Releases(this.database, this.folder);
		releases.second().idle().startAndStop();
		releases.insert(1, 100);
		releases.third().idle().startAndStop();
		Flyway flyway = Flyway.configure()
			.dataSource(this.database.url(), "postgres", "")
			.locations(releases.migrations.location())
			.cleanDisabled(false)
			.load();
		flyway.validate();
		flyway.clean();
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relname LIKE 'flyway%'")).isEmpty();
		releases.idle().startAndStop();
		assertThat(releases.versions()).containsExactly("1", "2", "3");
		assertThat(this.database.value("SELECT state || ' ' || rows_seen FROM flyway_schema_history_background"))
			.isEqualTo("running 0");
	}

	/** A schema that only the tables beside the history would make a non-empty one. */
	@Test
	void theTablesAreMadeAfterTheHistory() throws Exception {
		Releases releases = new Releases(this.database, this.folder);
		releases.second().idle().startAndStop();
		assertThat(this.database
			.list("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'flyway%' ORDER BY oid"))
			.containsExactly("flyway_schema_history", "flyway_schema_history_background",
					"flyway_schema_history_background_batch");
	}

	@Test
	void aSchemaWithOtherTablesIsBaselined() throws Exception {
		Releases releases = new Releases(this.database, this.folder);
		this.database.execute("CREATE TABLE customer (id bigint PRIMARY KEY, first_name text, last_name text, "
				+ "times int NOT NULL DEFAULT 0)");
		releases.insert(1, 500);
		releases.third().idle().with("spring.flyway.baseline-on-migrate", true).startAndStop();
		assertThat(this.database.history()).containsExactly("1", "2", "3");
		assertThat(releases.count("times = 1")).isEqualTo(500);
		assertThat(releases.state()).isEqualTo("finished");
	}

}
