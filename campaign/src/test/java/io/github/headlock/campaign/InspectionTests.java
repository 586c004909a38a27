package io.github.headlock.campaign;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.PostgresServer;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Plants damage in a good database: the inspection finds each kind, and names it.
 */
class InspectionTests {

	private static final Scenario SCENARIO = new Scenario(true, 0, Blocking.NONE, 2, true, 0, 0, true, false, false, 2,
			false, false);

	private static PostgresServer server;

	private static int number;

	@TempDir
	private Path folder;

	private RoundDatabase database;

	private Neighbour neighbour;

	private Release release;

	private TreeSet<String> effects;

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.start(Map.of());
		Neighbour.create(server);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void install() throws SQLException {
		this.database = RoundDatabase.create(server, "inspected_" + number++);
		this.neighbour = Neighbour.of(server, this.database);
		Release previous = Release.previous(this.folder.resolve("previous"));
		this.release = Release.next(this.folder.resolve("next"), SCENARIO, false);
		this.effects = new TreeSet<>(previous.effects());
		this.effects.addAll(this.release.effects());
		for (Release one : List.of(previous, this.release)) {
			var flyway = Flyway.configure()
				.dataSource(this.database.url(), this.database.migrator(), "")
				.locations(one.locations().toArray(String[]::new));
			// else it waits for its own lock, for ever
			flyway.getPluginRegister().getExact(PostgreSQLConfigurationExtension.class).setTransactionalLock(false);
			flyway.load().migrate();
		}
	}

	@AfterEach
	void drop() throws SQLException {
		this.neighbour.close();
		this.database.close();
	}

	@Test
	void aGoodDatabasePasses() throws SQLException {
		assertThat(inspect()).isEmpty();
		assertThat(this.neighbour.damage()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					INSERT INTO effect VALUES ('3')                                               | EFFECTS
					INSERT INTO effect VALUES ('R-previous')                                      | EFFECTS
					DELETE FROM effect WHERE name = '90'                                          | EFFECTS
					UPDATE counter SET n = n + 1                                                  | EFFECTS
					DROP INDEX effect_by_name                                                     | EFFECTS
					UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'effect_by_name'::regclass | EFFECTS
					INSERT INTO flyway_schema_history SELECT 99, version, description, type, script, checksum, installed_by, \
					installed_on, execution_time, success FROM flyway_schema_history WHERE version = '3' | HISTORY
					INSERT INTO flyway_schema_history SELECT 99, version, description, type, script, checksum, installed_by, \
					installed_on, execution_time, success FROM flyway_schema_history WHERE version IS NULL AND installed_rank > 3 | HISTORY
					UPDATE flyway_schema_history SET success = false WHERE version = '4'          | HISTORY
					UPDATE flyway_schema_history SET checksum = 1 WHERE version = '4'             | HISTORY
					DELETE FROM flyway_schema_history WHERE version = '4'                         | HISTORY
					DELETE FROM flyway_schema_history WHERE version IS NULL                       | HISTORY
					DROP TABLE flyway_schema_history                                              | HISTORY
					ALTER ROLE %application NOLOGIN                                               | ROLES
					REVOKE CONNECT ON DATABASE %database FROM %application                        | ROLES
					CREATE TABLE flyway_schema_history_blocked_roles ()                           | ROLES
					""")
	void damageIsFound(String statement, Invariant invariant) throws SQLException {
		execute(this.database.connect(), statement.replace("%application", this.database.application())
			.replace("%database", this.database.name()));
		assertThat(inspect()).extracting(Violation::invariant).isNotEmpty().containsOnly(invariant);
	}

	@Test
	void aLockThatIsLeftIsFound() throws SQLException {
		try (Connection session = this.database.connect()) {
			RoundDatabase.list(session, "SELECT pg_advisory_lock(?)", Observer.LOCK_KEY);
			assertThat(inspect()).extracting(Violation::invariant).containsExactly(Invariant.LOCKS);
		}
	}

	@Test
	void aSessionThatIsLeftInATransactionIsFound() throws SQLException {
		try (Connection session = DriverManager.getConnection(this.database.url(), this.database.migrator(), "")) {
			session.setAutoCommit(false);
			RoundDatabase.list(session, "SELECT 1");
			assertThat(inspect()).extracting(Violation::invariant).containsExactly(Invariant.SESSIONS);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					UPDATE precious SET text = 'x' WHERE id = 7                       | another database was changed
					CREATE TABLE thing ()                                             | another database was changed
					ALTER ROLE bystander NOLOGIN                                      | other roles were changed
					ALTER ROLE locked_out LOGIN                                       | other roles were changed
					SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%application' | session in another database was ended
					""")
	void damageNextDoorIsFound(String statement, String damage) throws SQLException {
		try (Connection connection = server.connect("neighbour")) {
			execute(connection, statement.replace("%application", this.database.application()));
			assertThat(this.neighbour.damage()).singleElement().asString().contains(damage);
		}
		finally {
			execute(server.connect("neighbour"), "DROP TABLE IF EXISTS thing; "
					+ "UPDATE precious SET text = md5(id::text); ALTER ROLE bystander LOGIN; ALTER ROLE locked_out NOLOGIN");
		}
	}

	private List<Violation> inspect() throws SQLException {
		return Inspection.of(this.database, this.effects, this.release, true);
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (connection; Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
