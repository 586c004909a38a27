package io.github.headlock.background;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.api.MigrationVersion;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A table of customers with a history beside it, and work on background migrations of it,
 * step by step.
 */
final class Customers {

	static final HistoryTable HISTORY = new HistoryTable("public", "flyway_schema_history");

	/** Each row is counted up, so that a second time would show. */
	static final String COUNT_UP = """
			-- headlock: table = customer
			-- headlock: since = 1
			-- headlock: where = full_name IS NULL
			UPDATE customer SET full_name = concat_ws(' ', first_name, last_name), times = times + 1 WHERE ${batch}
			""";

	private final TestDatabase database;

	final BackgroundStore store = new BackgroundStore(HISTORY, MigrationLock.isHeldSql(HISTORY));

	private Customers(TestDatabase database) {
		this.database = database;
	}

	/** A table with this many rows. */
	static Customers create(TestDatabase database, int rows) {
		database.execute("CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY)",
				"CREATE TABLE customer (id bigint PRIMARY KEY, first_name text, last_name text, full_name text, "
						+ "times int NOT NULL DEFAULT 0)",
				"INSERT INTO customer SELECT i, 'first ' || i, 'last ' || i FROM generate_series(1, %d) i"
					.formatted(rows),
				"ANALYZE customer");
		return new Customers(database);
	}

	static BackgroundDefinition definition(String text) {
		return DeclarationFile.parse("backfill.sql", "backfill.sql", text);
	}

	static BackgroundSettings settings() {
		return new BackgroundSettings(BackgroundRun.AUTO, 1, Duration.ofMillis(250), Duration.ofSeconds(30), 1,
				Duration.ofMinutes(1), null, Duration.ZERO, ThrottleSettings.NONE);
	}

	static BackgroundSettings settings(int workers, Duration batchTimeout) {
		return new BackgroundSettings(BackgroundRun.AUTO, workers, Duration.ofMillis(250), batchTimeout, 1,
				Duration.ofMinutes(1), null, Duration.ZERO, ThrottleSettings.NONE);
	}

	static BackgroundSettings settings(ThrottleSettings throttle) {
		return new BackgroundSettings(BackgroundRun.AUTO, 1, Duration.ofMillis(250), Duration.ofSeconds(30), 1,
				Duration.ofMinutes(1), null, Duration.ZERO, throttle);
	}

	BackgroundWork work(BackgroundDefinition definition) {
		return work(definition, settings());
	}

	BackgroundWork work(BackgroundDefinition definition, BackgroundSettings settings) {
		return new BackgroundWork(this.store, definition, settings, Pace.WITH_PAUSES, HISTORY);
	}

	Connection connect() throws SQLException {
		return connect(this.database.url());
	}

	static Connection connect(String url) throws SQLException {
		return DriverManager.getConnection(url + (url.contains("?") ? "&" : "?") + "prepareThreshold=0", "postgres",
				"");
	}

	/** Registers it, as a release with this head. */
	void register(BackgroundDefinition definition) throws SQLException {
		try (Connection connection = connect()) {
			assertThat(new BackgroundRegistration(this.store, List.of(definition), HISTORY.backgroundLockKey(),
					MigrationVersion.fromVersion("1"))
				.register(connection, true)).isTrue();
		}
	}

	/** Registers it, and works on it until it has ended. */
	void run(BackgroundDefinition definition) throws SQLException {
		register(definition);
		finish(definition, settings());
	}

	void finish(BackgroundDefinition definition, BackgroundSettings settings) throws SQLException {
		BackgroundWork work = work(definition, settings);
		try (Connection connection = connect()) {
			Step step = Step.PREPARED;
			for (int steps = 0; step.kind() != Kind.ENDED; steps++) {
				assertThat(steps).as(() -> progress().toString()).isLessThan(20_000);
				step = work.step(connection);
			}
		}
	}

	Progress progress() {
		try (Connection connection = connect()) {
			List<Progress> all = this.store.readAll(connection);
			assertThat(all).hasSize(1);
			return all.get(0);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	long count(String condition) {
		return Long.parseLong(this.database.value("SELECT count(*) FROM customer WHERE " + condition));
	}

	long openBatches() {
		return Long.parseLong(
				this.database.value("SELECT count(*) FROM flyway_schema_history_background_batch WHERE NOT failed"));
	}

	List<String> failedRows() {
		return this.database.list(
				"SELECT upper_key::text || ' ' || last_error FROM flyway_schema_history_background_batch WHERE failed");
	}

}
