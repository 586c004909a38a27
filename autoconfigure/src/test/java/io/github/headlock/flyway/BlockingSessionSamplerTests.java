package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.JdbcProxy;
import io.github.headlock.jdbc.SessionRow;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import org.springframework.boot.convert.DurationStyle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Who is seen in the way of a migration, and how often it is looked.
 */
@Tag("every-postgresql")
class BlockingSessionSamplerTests {

	private final TestDatabase database = TestDatabase.create();

	private final String prefix = this.database.name();

	@AfterEach
	void endPreparedTransactions() {
		this.database.list("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
			.forEach((gid) -> this.database.execute("ROLLBACK PREPARED '%s'".formatted(gid)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "ALTER TABLE parcel ADD name text", "UPDATE parcel SET id = 2",
			"SELECT pg_advisory_xact_lock(7)" })
	void aPreparedTransactionIsNamed(String statement) throws Exception {
		this.database.execute("CREATE TABLE parcel (id int)", "CREATE TABLE depot (id int)",
				"INSERT INTO parcel VALUES (1)");
		prepare("in\nthe way", "UPDATE parcel SET id = 3", "SELECT pg_advisory_xact_lock_shared(7)");
		prepare("elsewhere", "SELECT * FROM depot", "SELECT pg_advisory_xact_lock_shared(8)");
		try (Connection migration = this.database.connect()) {
			int pid = pid(migration);
			Background<Boolean> waiting = Background.start(() -> migration.createStatement().execute(statement));
			await().until(() -> this.database.value("SELECT 0 = ANY (pg_blocking_pids(?))", pid).equals("t"));
			assertThat(blocking(pid)).singleElement()
				.asString()
				.startsWith(
						"prepared transaction \"%s in?the way\", role \"postgres\", prepared ".formatted(this.prefix));
			endPreparedTransactions();
			waiting.result();
			assertThat(blocking(pid)).isEmpty();
		}
	}

	@Test
	void aSessionIsNamedBesideAPreparedTransaction() throws Exception {
		this.database.execute("CREATE TABLE parcel (id int)");
		prepare("x", "SELECT * FROM parcel");
		try (Connection idle = this.database.inTransaction("SELECT * FROM parcel");
				Connection migration = this.database.connect()) {
			int pid = pid(migration);
			Background<Boolean> waiting = Background
				.start(() -> migration.createStatement().execute("DROP TABLE parcel"));
			await().until(() -> this.database.value("SELECT cardinality(pg_blocking_pids(?))", pid).equals("2"));
			assertThat(blocking(pid)).extracting(DatabaseSession::pid).containsExactly(pid(idle), 0);
			idle.rollback();
			endPreparedTransactions();
			waiting.result();
		}
	}

	@Test
	void aSessionIsNotNamedAloneIfTheWaitEndsDuringTheLook() throws Exception {
		this.database.execute("CREATE TABLE parcel (id int)");
		prepare("x", "SELECT * FROM parcel");
		try (Connection idle = this.database.inTransaction("SELECT * FROM parcel");
				Connection migration = this.database.connect();
				Connection looking = this.database.connect()) {
			int pid = pid(migration);
			Background<Boolean> waiting = Background
				.start(() -> migration.createStatement().execute("DROP TABLE parcel"));
			await().until(() -> this.database.value("SELECT cardinality(pg_blocking_pids(?))", pid).equals("2"));
			AtomicInteger statements = new AtomicInteger();
			Connection endingTheWait = JdbcProxy.of(looking, Connection.class, (connection, method, arguments) -> {
				if (method.getName().equals("prepareStatement") && statements.incrementAndGet() == 2) {
					this.database.value("SELECT pg_cancel_backend(?)", pid);
					assertThat(waiting.failure()).isNotNull();
				}
				return JdbcProxy.invoke(connection, method, arguments);
			});
			assertThat(SessionRow.blocking(endingTheWait, pid)).isEmpty();
			assertThat(waiting.failure()).hasMessageContaining("canceling statement due to user request");
			idle.rollback();
		}
	}

	@ParameterizedTest
	@CsvSource({ "1ms, 10", "40ms, 10", "100ms, 25", "2s, 500", "1h, 1000" })
	void thereAreSeveralLooksWhileAStatementQueues(String lockTimeout, long interval) {
		assertThat(BlockingSessionSampler.interval(DurationStyle.detectAndParse(lockTimeout))).isEqualTo(interval);
	}

	private void prepare(String name, String... statements) throws Exception {
		try (Connection session = this.database.inTransaction(statements);
				Statement statement = session.createStatement()) {
			statement.execute("PREPARE TRANSACTION '%s %s'".formatted(this.prefix, name));
		}
	}

	private List<DatabaseSession> blocking(int pid) throws Exception {
		try (Connection connection = this.database.connect()) {
			return SessionRow.blocking(connection, pid);
		}
	}

	private static int pid(Connection connection) throws Exception {
		return connection.unwrap(PGConnection.class).getBackendPID();
	}

}
