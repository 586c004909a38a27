package io.github.headlock.campaign;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.campaign.replica.ReadyCheck;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.PostgresServer.StopMode;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jspecify.annotations.Nullable;
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
			false, false, false, Topology.ONE_SERVER);

	private static PostgresServer server;

	private static int number;

	@TempDir
	private Path folder;

	private RoundDatabase database;

	private BystanderDatabase neighbour;

	private Release release;

	private TreeSet<String> effects;

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.start(Map.of());
		BystanderDatabase.create(server);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void install() throws SQLException {
		this.database = RoundDatabase.create(server, "inspected_" + number++);
		this.neighbour = BystanderDatabase.of(server, this.database);
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
					DROP TABLE effect                                                             | EFFECTS
					DROP TABLE counter                                                            | EFFECTS
					DELETE FROM counter                                                           | EFFECTS
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
	void aDatabaseThatNobodyMigratedIsFound() throws SQLException {
		execute(this.database.connect(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
		assertThat(inspect()).extracting(Violation::invariant).contains(Invariant.EFFECTS, Invariant.HISTORY);
		assertThat(Inspection.history(this.database)).containsExactly("there is none");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none",
			textBlock = """
					SELECT 1                                                           | none
					DELETE FROM flyway_schema_history WHERE version = '50'             | none
					DROP SCHEMA public CASCADE; CREATE SCHEMA public                   | none
					DELETE FROM effect WHERE name = '90'; UPDATE counter SET n = n - 1; \
					DELETE FROM flyway_schema_history WHERE version = '90'             | none
					DELETE FROM flyway_schema_history WHERE version = '90'             | effects [1, 2, 3, 4, 90, R, R] and rows [
					UPDATE flyway_schema_history SET success = false WHERE version = '4' | effects [1, 2, 3, 4, 90, R, R] and rows [
					DELETE FROM flyway_schema_history WHERE version IS NULL            | and rows [1, 2, 3, 4, 90]
					DELETE FROM effect WHERE name = '4'; UPDATE counter SET n = n - 1  | effects [1, 2, 3, 90, R, R] and rows [
					INSERT INTO effect VALUES ('4'); UPDATE counter SET n = n + 1      | effects [1, 2, 3, 4, 4, 90, R, R] and rows [
					UPDATE counter SET n = n - 1                                       | [6] counted and 7 effects
					DROP TABLE counter                                                 | [] counted and 7 effects
					DROP TABLE flyway_schema_history                                   | and rows []
					""")
	void whatDoesNotBelongTogetherIsFound(String statement, @Nullable String seen) throws SQLException {
		execute(this.database.connect(), statement);
		List<Violation> found = AtomicityCheck.of(this.database);
		if (seen == null) {
			assertThat(found).isEmpty();
		}
		else {
			assertThat(found).extracting(Violation::invariant).containsOnly(Invariant.EFFECTS);
			assertThat(found.get(0).seen()).contains(seen);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none",
			textBlock = """
					SELECT 1                                                               | none
					UPDATE flyway_schema_history SET success = false WHERE version = '4'   | effects [] and rows [4] are missing
					DELETE FROM effect WHERE name IN ('4', 'R-next')                       | effects [4, R-next] and rows [] are
					DROP TABLE flyway_schema_history                                       | "flyway_schema_history" does not exist
					ALTER ROLE %application NOLOGIN                                        | is not permitted to log in
					REVOKE CONNECT ON DATABASE %database FROM %application                 | permission denied for database
					""")
	void aReplicaThatIsReadyTooEarlyIsFound(String statement, @Nullable String problem) throws Exception {
		execute(this.database.connect(), statement.replace("%application", this.database.application())
			.replace("%database", this.database.name()));
		String found = new ReadyCheck(this.database.url(), this.database.application(), false)
			.problem(this.release.effects());
		if (problem == null) {
			assertThat(found).isNull();
		}
		else {
			assertThat(found).contains(problem);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			UPDATE flyway_schema_history SET success = false WHERE version = '4' | HISTORY
			ALTER ROLE %application NOLOGIN                                      | ROLES
			CREATE TABLE flyway_schema_history_blocked_roles ()                  | ROLES
			""")
	void whatAFailedReleaseLeavesIsFound(String statement, Invariant invariant) throws SQLException {
		assertThat(Inspection.afterFailure(this.database, Duration.ZERO)).isEmpty();
		execute(this.database.connect(), statement.replace("%application", this.database.application()));
		assertThat(Inspection.afterFailure(this.database, Duration.ofMillis(200))).extracting(Violation::invariant)
			.containsExactly(invariant);
	}

	@Test
	void aLockThatAFailedReleaseLeavesIsFound() throws SQLException {
		try (Connection session = this.database.connect()) {
			RoundDatabase.list(session, "SELECT pg_advisory_lock(?)", Observer.LOCK_KEY);
			assertThat(Inspection.afterFailure(this.database, Duration.ofMillis(200))).extracting(Violation::invariant)
				.containsExactly(Invariant.LOCKS);
		}
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
					ALTER ROLE bystander NOLOGIN                                      | attributes of roles were changed
					ALTER ROLE locked_out LOGIN                                       | attributes of roles were changed
					ALTER ROLE %application CONNECTION LIMIT 3                        | attributes of roles were changed
					GRANT bystander TO %application                                   | memberships of roles were changed
					REVOKE %application FROM %migrator                                | memberships of roles were changed
					ALTER ROLE bystander SET work_mem = '1MB'                         | settings of roles or databases were changed
					REVOKE CONNECT ON DATABASE neighbour FROM PUBLIC                  | privileges or attributes of other databases were
					ALTER DATABASE neighbour CONNECTION LIMIT 90                      | privileges or attributes of other databases were
					SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%application' | session in another database was ended
					""")
	void damageNextDoorIsFound(String statement, String damage) throws SQLException {
		try (Connection connection = server.connect("neighbour")) {
			execute(connection, statement.replace("%application", this.database.application())
				.replace("%migrator", this.database.migrator()));
			assertThat(this.neighbour.damage()).singleElement().asString().contains(damage);
		}
		finally {
			execute(server.connect("neighbour"), """
					DROP TABLE IF EXISTS thing; UPDATE precious SET text = md5(id::text); ALTER ROLE bystander LOGIN; \
					ALTER ROLE bystander RESET ALL; ALTER ROLE locked_out NOLOGIN; \
					GRANT CONNECT ON DATABASE neighbour TO PUBLIC; ALTER DATABASE neighbour CONNECTION LIMIT -1""");
		}
	}

	@Test
	void damageNextDoorIsFoundInSpiteOfARestartAfterIt() throws SQLException {
		execute(server.connect("neighbour"),
				"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'"
					.formatted(this.database.application()));
		this.neighbour.beforeRestart();
		server.stop(StopMode.FAST);
		server.startAgain();
		this.neighbour.openSessionAgain();
		assertThat(this.neighbour.damage()).singleElement()
			.asString()
			.contains("session in another database was ended");
	}

	@Test
	void theSessionNextDoorIsTheApplicationsAgainAfterARestart() throws SQLException {
		this.neighbour.beforeRestart();
		server.stop(StopMode.FAST);
		server.startAgain();
		this.neighbour.openSessionAgain();
		assertThat(this.database.list(
				"SELECT usename FROM pg_stat_activity WHERE datname = 'neighbour' AND backend_type = 'client backend'"))
			.containsExactly(this.database.application());
		assertThat(this.neighbour.damage()).isEmpty();
	}

	private List<Violation> inspect() throws SQLException {
		return Inspection.of(this.database, this.effects, this.release, true, Duration.ofSeconds(5));
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (connection; Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
