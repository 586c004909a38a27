package io.github.headlock.lock;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The lock while it is held, as the database sees it.
 */
class HeldLockTests {

	private static final HistoryTable TABLE = new HistoryTable("public", "flyway_schema_history");

	private static final String HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
			+ "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@CsvSource({ "false, read committed", "false, repeatable read", "false, serializable", "true, read committed",
			"true, serializable" })
	void lockConnectionHoldsNoSnapshotWhileAMigrationRuns(boolean pooled, String isolation) throws Exception {
		this.database.execute("ALTER DATABASE %s SET default_transaction_isolation = '%s'"
			.formatted(this.database.name(), isolation));
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> gated(pooled).startAndStop());
			String holder = awaitMigrationAtTheGate();
			// a heartbeat is active for a moment
			List<String> idle = await().until(() -> this.database
				.list("SELECT coalesce(backend_xmin::text, 'no xmin') || ' ' || coalesce(backend_xid::text, 'no xid') "
						+ "FROM pg_stat_activity WHERE pid = ?::int AND state = 'idle in transaction'", holder),
					(rows) -> !rows.isEmpty());
			assertThat(idle).containsExactly("no xmin no xid");
			gate.rollback();
			start.result();
		}
	}

	/** A migration such as VACUUM FULL or REINDEX SYSTEM would wait for them for ever. */
	@Test
	void lockConnectionHoldsNoTableWhileAMigrationRuns() throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> gated(false).startAndStop());
			String holder = awaitMigrationAtTheGate();
			assertThat(this.database.list("SELECT relname FROM pg_locks JOIN pg_class c ON c.oid = relation "
					+ "WHERE pid = ?::int AND relkind <> 'v'", holder))
				.isEmpty();
			gate.rollback();
			start.result();
		}
	}

	/** Settings that end an idle transaction; the second exists from PostgreSQL 17. */
	static List<String> killers() {
		return TestDatabase.create()
			.list("SELECT name FROM pg_settings WHERE name IN ('idle_in_transaction_session_timeout', "
					+ "'transaction_timeout')");
	}

	@ParameterizedTest
	@MethodSource("killers")
	void aServerSideTimeoutDoesNotEndTheLock(String setting) throws Exception {
		this.database.execute("ALTER DATABASE %s SET %s = '5s'".formatted(this.database.name(), setting));
		try (Connection connection = this.database.connect()) {
			try (HeldLock lock = new MigrationLock(TABLE).tryTake(connection).orElseThrow()) {
				await().until(() -> !this.database.list(
						"SELECT pid FROM pg_stat_activity WHERE pid = ? AND clock_timestamp() - xact_start > interval '6 s'",
						connection.unwrap(PGConnection.class).getBackendPID())
					.isEmpty());
				assertThat(this.database.advisoryLocks()).isOne();
				lock.ensureHeld();
			}
		}
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void nothingThatHeadlockSetsStaysOnThePoolersConnections() throws Exception {
		String settings = "SELECT name || '=' || setting FROM pg_settings WHERE source = 'session' AND setting IS DISTINCT FROM reset_val "
				+ "AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'extra_float_digits', 'TimeZone')";
		Replica.of(this.database.pooledUrl(), "basic").with("headlock.ddl.lock-timeout", "5s").startAndStop();
		// Two transactions at once take both server connections of the pool.
		try (Connection first = pooled(); Connection second = pooled()) {
			assertThat(settings(first, settings)).isEmpty();
			assertThat(settings(second, settings)).isEmpty();
		}
	}

	private Connection pooled() throws Exception {
		Connection connection = DriverManager.getConnection(this.database.pooledUrl() + "?prepareThreshold=0",
				"postgres", "");
		connection.setAutoCommit(false);
		return connection;
	}

	private static List<String> settings(Connection connection, String sql) throws Exception {
		List<String> settings = new ArrayList<>();
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				settings.add(row.getString(1));
			}
		}
		return settings;
	}

	@Test
	void plainFlywayWaitsForHeadlock() throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> gated(false).startAndStop());
			awaitMigrationAtTheGate();
			Background<Integer> plain = Background.start(() -> plainFlyway().migrate().migrationsExecuted);
			// It asks once a second; one try is a transaction that comes and goes.
			await().until(
					() -> !this.database
						.list("SELECT pid FROM pg_stat_activity WHERE query LIKE "
								+ "'SELECT pg_try_advisory_xact_lock(%' AND datname = current_database()")
						.isEmpty());
			assertThat(plain.isDone()).isFalse();
			gate.rollback();
			assertThat(start.result().migrations()).isEqualTo(2);
			assertThat(plain.result()).isZero();
		}
		assertThat(this.database.list("SELECT name FROM effect ORDER BY id")).containsExactly("V1", "V2");
	}

	@Test
	void headlockWaitsForPlainFlyway() throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<Integer> plain = Background.start(() -> plainFlyway().migrate().migrationsExecuted);
			String holder = awaitMigrationAtTheGate();
			assertThat(holderSeenByHeadlock()).isEqualTo(holder);
			Background<MigrationReport> start = Background.start(() -> gated(false).startAndStop());
			await().until(() -> !this.database
				.list("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'headlock %' "
						+ "AND datname = current_database()")
				.isEmpty());
			assertThat(start.isDone()).isFalse();
			gate.rollback();
			assertThat(plain.result() + start.result().migrations()).isEqualTo(2);
		}
		assertThat(this.database.list("SELECT name FROM effect ORDER BY id")).containsExactly("V1", "V2");
	}

	@Test
	void losingTheLockStopsBeforeTheNextMigration() throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background.start(() -> gated(false).startAndStop());
			String holder = awaitMigrationAtTheGate();
			this.database.value("SELECT pg_terminate_backend(?::int)", holder);
			await().until(() -> this.database.list(HOLDERS + " AND pid = ?::int", holder).isEmpty());
			gate.rollback();
			assertThat(start.failure()).cause().isInstanceOfSatisfying(LockLostException.class, (ex) -> {
				assertThat(ex.getExitCode()).isEqualTo(14);
			});
		}
		// The migration under way is finished and recorded, the next one was not begun.
		assertThat(this.database.history()).containsExactly("1");
		assertThat(Replica.of(this.database.url(), "gated").startAndStop().migrations()).isOne();
	}

	@Test
	void aLostLockIsNoticedWithoutTheDatabasesHelp() throws Exception {
		Connection connection = this.database.connect();
		HeldLock lock = new MigrationLock(TABLE).tryTake(connection).orElseThrow();
		connection.close();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::ensureHeld);
	}

	@Test
	void aReadThatTheDatabaseRefusesLeavesTheLockUsable() throws Exception {
		Connection connection = this.database.connect();
		try (HeldLock lock = new MigrationLock(TABLE).tryTake(connection).orElseThrow()) {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> lock.read((reading) -> reading.createStatement().execute("SELECT 1 / 0")))
				.withMessageContaining("division by zero");
			assertThat(lock.fenceHolder()).isEmpty();
			assertThat(this.database.advisoryLocks()).isOne();
		}
	}

	private Replica gated(boolean pooled) {
		return Replica.of(pooled ? this.database.pooledUrl() : this.database.url(), "gated");
	}

	/** Process id of the session that holds Flyway's key while a migration waits. */
	private String awaitMigrationAtTheGate() {
		this.database.awaitMigrationAtTheGate();
		List<String> holders = this.database.list(HOLDERS + " AND objid = ?::oid AND objsubid = 1",
				TABLE.lockKey() & 0xFFFFFFFFL);
		assertThat(holders).hasSize(1);
		return holders.get(0);
	}

	private String holderSeenByHeadlock() throws Exception {
		try (Connection connection = this.database.connect()) {
			return String.valueOf(new MigrationLock(TABLE).holder(connection).orElseThrow().pid());
		}
	}

	private Flyway plainFlyway() {
		return Flyway.configure()
			.dataSource(this.database.url(), "postgres", "")
			.locations("classpath:db/gated")
			.load();
	}

}
