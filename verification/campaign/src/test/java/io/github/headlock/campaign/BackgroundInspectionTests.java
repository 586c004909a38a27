package io.github.headlock.campaign;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Plants damage beside a finished background migration: the inspection finds each kind.
 */
class BackgroundInspectionTests {

	/** The first seeds with a pooler and without. */
	private static final long DIRECT = seed(false);

	private static final long POOLED = seed(true);

	private static PostgresServer server;

	private static int number;

	@TempDir
	private Path folder;

	private BackgroundStage stage;

	private static long seed(boolean pooled) {
		long seed = 0;
		while (BackgroundPlan.of(seed).scenario().isPooled() != pooled || BackgroundPlan.of(seed).hasLaterRelease()) {
			seed++;
		}
		return seed;
	}

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
	void finish() throws SQLException {
		finish(DIRECT);
	}

	private void finish(long seed) throws SQLException {
		this.stage = BackgroundStage.set(server, BackgroundPlan.of(seed), "finished_" + number++, this.folder,
				new Timeline());
		this.stage.traffic().close();
		RoundDatabase database = this.stage.database();
		database.install(List.of(this.stage.second().location()));
		database.execute("UPDATE customer SET full_name = 'a b', times = times + needed");
		// the columns that are looked at
		database.execute("CREATE TABLE flyway_schema_history_background AS SELECT 'backfill_full_name'::text AS name, "
				+ "'finished'::text AS state, 2 AS pass, (SELECT sum(times) FROM customer) AS rows_changed, "
				+ "NULL::timestamptz AS next_at, NULL::text AS last_error, 'own'::text AS definition_hash, "
				+ "0::bigint AS rows_seen, 1 AS batch_size, 'any'::text AS updated_by, false AS full_speed, "
				+ "NULL::text AS held_because, NULL::timestamptz AS held_until");
		database.execute("CREATE TABLE flyway_schema_history_background_batch (id bigint, name text, "
				+ "failed boolean NOT NULL DEFAULT false, last_error text)");
	}

	@AfterEach
	void drop() throws SQLException {
		this.stage.close();
	}

	@Test
	void aGoodDatabasePasses() throws SQLException {
		assertThat(inspect()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			UPDATE customer SET times = times + 1 WHERE n = 2                                        | ATOMIC
			UPDATE customer SET needed = needed + 1 WHERE n = 3                                      | ATOMIC
			UPDATE flyway_schema_history_background SET rows_changed = rows_changed - 1              | ATOMIC
			UPDATE customer SET full_name = NULL, needed = needed + 1 WHERE n = 2                    | FINISHED
			UPDATE flyway_schema_history_background SET state = 'failed', last_error = 'bad'         | FINISHED
			INSERT INTO flyway_schema_history_background_batch VALUES (7, 'backfill_full_name')      | FINISHED
			INSERT INTO flyway_schema_history_background_batch VALUES (7, 'any', true, 'row is bad') | FINISHED
			DELETE FROM flyway_schema_history WHERE version = '2'                                    | HISTORY
			INSERT INTO background_seen (kind, what) VALUES ('begun', 'batch 7')                     | HOLD
			""")
	void damageIsFound(String damage, Invariant invariant) throws SQLException {
		this.stage.database().execute(damage);
		assertThat(inspect()).extracting(Violation::invariant).containsOnly(invariant);
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"INSERT INTO flyway_schema_history_background_batch SELECT i, 'any' FROM generate_series(1, 9) i",
			"UPDATE customer SET times = times + 1 WHERE n = 2" })
	void damageThatPassesIsSeenMeanwhile(String damage) throws SQLException {
		this.stage.database().execute(damage);
		assertThat(Wait.until(Duration.ofSeconds(30), () -> !this.stage.monitor().violations().isEmpty())).isTrue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			UPDATE flyway_schema_history_background SET held_because = 'any'                    | HOLD
			UPDATE flyway_schema_history_background SET full_speed = true                       | FULL_SPEED
			UPDATE flyway_schema_history_background SET full_speed = true, state = 'paused'     | FULL_SPEED
			""")
	void whatIsLeftOfAHoldOrOfFullSpeedIsSeenMeanwhile(String damage, Invariant invariant) throws SQLException {
		this.stage.database().execute(damage);
		assertThat(Wait.until(Duration.ofSeconds(30), () -> !this.stage.monitor().violations().isEmpty())).isTrue();
		assertThat(this.stage.monitor().violations()).extracting(Violation::invariant).containsOnly(invariant);
	}

	@ParameterizedTest
	@CsvSource({ "1 min, false, running, 1", "-1 min, false, running, 0", "1 min, true, running, 0",
			"1 min, false, finalizing, 0" })
	void aBatchThatIsBegunDuringAHoldIsNoted(String until, boolean fullSpeed, String state, int noted)
			throws SQLException {
		hold(until, fullSpeed, state);
		assertThat(this.stage.database().list(BackgroundWatch.BEGUN)).hasSize(noted);
	}

	/** A start that finishes it does not hold. */
	@Test
	void aBatchThatIsBegunUnderTheMigrationLockIsNot() throws SQLException {
		try (Connection connection = this.stage.database().connect();
				Statement statement = connection.createStatement()) {
			statement.execute("SELECT pg_advisory_lock(" + Observer.LOCK_KEY + ")");
			hold("1 min", false, "running");
		}
		assertThat(this.stage.database().list(BackgroundWatch.BEGUN)).isEmpty();
	}

	private void hold(String until, boolean fullSpeed, String state) throws SQLException {
		RoundDatabase database = this.stage.database();
		database.execute(String.format(Locale.ROOT,
				"UPDATE flyway_schema_history_background SET held_because = 'any', "
						+ "held_until = clock_timestamp() + interval '%s', full_speed = %s, state = '%s'",
				until, fullSpeed, state));
		database.execute("INSERT INTO flyway_schema_history_background_batch VALUES (7, 'backfill_full_name')");
	}

	@Test
	void aJobThatSucceedsTooEarlyIsFound() throws SQLException {
		setState("running");
		assertThat(judgeSuccess(Instant.now())).extracting(Violation::invariant).containsExactly(Invariant.JOB);
	}

	@Test
	void aJobMaySucceedWhenItIsFinished() throws SQLException {
		setState("running");
		setState("finished");
		assertThat(judgeSuccess(Instant.now())).isEmpty();
	}

	/** Whatever happens after that. */
	@Test
	void aJobMaySucceedWhenItWasFinishedMeanwhile() throws SQLException {
		Instant begin = Instant.now();
		setState("running");
		setState("finished");
		setState("running");
		assertThat(judgeSuccess(begin)).isEmpty();
		assertThat(judgeSuccess(Instant.now().plusSeconds(1))).hasSize(1);
	}

	@Test
	void aJobMaySucceedWhenTheSchemaIsAhead() throws SQLException {
		setState("running");
		this.stage.database()
			.execute("INSERT INTO flyway_schema_history SELECT 7, '2.5', 'x', type, script, checksum, installed_by, "
					+ "now(), 1, true FROM flyway_schema_history WHERE version = '2'");
		assertThat(judgeSuccess(Instant.now())).isEmpty();
	}

	private void setState(String state) throws SQLException {
		this.stage.database().execute("UPDATE flyway_schema_history_background SET state = '" + state + "'");
	}

	private List<Violation> judgeSuccess(Instant begin) {
		return FinishJob.judgeSuccess(this.stage.database(), "job", begin, List.of(BackgroundRelease.LATER));
	}

	@Test
	void aReleaseThatGoesOnWithItsTextPasses() throws SQLException {
		this.stage.database().execute("""
				ALTER TABLE flyway_schema_history_background DROP COLUMN rows_seen;
				ALTER TABLE flyway_schema_history_background RENAME TO at_work;
				CREATE VIEW flyway_schema_history_background AS
					SELECT *, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS rows_seen FROM at_work
				""");
		assertThat(ReleaseBefore.of(this.stage.progress()).goOn(Duration.ofSeconds(30))).isEmpty();
	}

	@Test
	void aReleaseThatDoesNotGoOnIsFound() {
		assertThat(ReleaseBefore.of(this.stage.progress()).goOn(Duration.ZERO)).extracting(Violation::toString)
			.containsExactly(Invariant.GIVEN_BACK + ": nothing is done in 0 s: " + this.stage.progress().describe());
	}

	@Test
	void aTextThatIsNotGivenBackIsFound() throws SQLException {
		ReleaseBefore release = ReleaseBefore.of(this.stage.progress());
		this.stage.database().execute("UPDATE flyway_schema_history_background SET definition_hash = 'other'");
		assertThat(release.goOn(Duration.ofSeconds(30))).extracting(Violation::toString)
			.containsExactly(Invariant.GIVEN_BACK + ": text other is worked on instead of own: "
					+ this.stage.progress().describe());
	}

	@Test
	void aSessionThatIsIdleIsFound() throws SQLException {
		try (Connection connection = DriverManager.getConnection(
				this.stage.database().url() + "?ApplicationName=headlock pod", this.stage.database().migrator(), "")) {
			assertThat(connection.isValid(1)).isTrue();
			assertThat(inspect()).extracting(Violation::invariant).containsExactly(Invariant.IDLE);
		}
	}

	@Test
	void aSettingThatIsLeftBehindThePoolerIsFound() throws SQLException {
		this.stage.close();
		finish(POOLED);
		assertThat(inspect()).isEmpty();
		executeBehindPooler("SET statement_timeout = 4711");
		assertThat(inspect()).extracting(Violation::toString)
			.containsExactly(Invariant.IDLE + ": statement_timeout = 4711 in a session of the pooler");
	}

	@Test
	void theSearchPathThatFlywayLeavesBehindThePoolerIsNone() throws SQLException {
		this.stage.close();
		finish(POOLED);
		for (int i = 0; i < 3; i++) {
			executeBehindPooler(
					"SELECT set_config('search_path', '\"public\",' || current_setting('search_path'), false)");
			assertThat(inspect()).isEmpty();
		}
		executeBehindPooler("SET search_path = other");
		assertThat(inspect()).extracting(Violation::toString)
			.containsExactly(Invariant.IDLE + ": search_path = other in a session of the pooler");
	}

	private void executeBehindPooler(String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(this.stage.access().url() + "?prepareThreshold=0",
				this.stage.database().migrator(), ""); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private List<Violation> inspect() throws SQLException {
		return BackgroundInspection.of(this.stage, Set.of("1", "2"), Duration.ZERO);
	}

}
