package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.JdbcProxy;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.TestDatabase;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The connections that Flyway gets.
 */
@Tag("every-version")
class LockBypassTests {

	private static final HistoryTable TABLE = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	private HeldLock lock;

	private LockBypass dataSource;

	private Connection connection;

	private int asked;

	private int freed;

	@BeforeEach
	void takeTheLock() throws Exception {
		this.lock = new MigrationLock(TABLE).tryTake(this.database.connect()).orElseThrow();
		this.dataSource = new LockBypass(new DriverManagerDataSource(this.database.url(), "postgres", ""), TABLE,
				() -> {
					this.lock.ensureHeld();
					this.asked++;
				}, () -> this.freed++);
		this.connection = this.dataSource.getConnection();
	}

	@AfterEach
	void freeTheLock() throws Exception {
		this.connection.close();
		this.lock.close();
	}

	@Test
	void flywaysLockIsAlwaysFree() throws Exception {
		assertThat(query("SELECT pg_try_advisory_lock(" + TABLE.lockKey() + ")", "pg_try_advisory_lock")).isTrue();
		assertThat(query("SELECT pg_advisory_unlock(" + TABLE.lockKey() + ")", "pg_advisory_unlock")).isTrue();
		assertThat(this.database.advisoryLocks()).isOne();
	}

	/** Flyway asks them around each migration. */
	@ParameterizedTest
	@ValueSource(strings = { "SELECT version()", "SELECT pg_try_advisory_lock(%d)", "SELECT pg_advisory_unlock(%d)" })
	void whatIsConstantIsAskedOnceOnAConnection(String query) throws Exception {
		String sql = query.formatted(TABLE.lockKey());
		String first = answer(sql);
		this.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
				+ this.database.name() + "' AND pid = " + this.connection.unwrap(PGConnection.class).getBackendPID());
		assertThat(answer(sql)).isEqualTo(first);
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> answer("SELECT version() AS other"));
		try (Connection next = this.dataSource.getConnection();
				PreparedStatement statement = next.prepareStatement(sql);
				ResultSet row = statement.executeQuery()) {
			assertThat(row.next()).isTrue();
		}
	}

	private String answer(String sql) throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(sql);
				ResultSet row = statement.executeQuery()) {
			assertThat(row.next()).isTrue();
			String answer = row.getMetaData().getColumnLabel(1) + "=" + row.getString(1) + row.getObject(1).getClass();
			assertThat(row.next()).isFalse();
			return answer;
		}
	}

	@Test
	void otherAdvisoryLocksGoToTheServer() throws Exception {
		assertThat(query("SELECT pg_try_advisory_lock(5)", "pg_try_advisory_lock")).isTrue();
		assertThat(this.database.advisoryLocks()).isEqualTo(2);
	}

	@Test
	void anotherWayToTakeFlywaysLockIsRefusedAtOnce() {
		assertThatExceptionOfType(UnsupportedFlywayException.class)
			.isThrownBy(
					() -> this.connection.prepareStatement("SELECT pg_try_advisory_xact_lock(" + TABLE.lockKey() + ")"))
			.withMessageContaining("Flyway takes its lock in a way that Headlock does not know");
	}

	@ParameterizedTest
	@EnumSource
	void flywaysLockIsFreeInWhateverWayItIsAskedFor(Way way) throws Exception {
		way.send(this.connection, "SELECT pg_try_advisory_lock(" + TABLE.lockKey() + ")");
		assertThat(this.asked).isOne();
		way.send(this.connection, "SELECT pg_advisory_unlock(" + TABLE.lockKey() + ")");
		assertThat(this.freed).isOne();
		assertThat(this.database.advisoryLocks()).isOne();
	}

	@ParameterizedTest
	@EnumSource
	void anotherStatementOnFlywaysLockIsRefusedInWhateverWayItIsSent(Way way) {
		assertRefused(() -> way.send(this.connection, "SELECT PG_TRY_ADVISORY_LOCK(" + TABLE.lockKey() + ")"));
		assertRefused(() -> way.send(this.connection, "SELECT pg_advisory_lock(" + TABLE.lockKey() + ")"));
	}

	@ParameterizedTest
	@EnumSource
	void otherStatementsGoToTheServerInWhateverWayTheyAreSent(Way way) throws Exception {
		way.send(this.connection, "SELECT pg_advisory_lock(5)");
		assertThat(this.database.advisoryLocks()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "COMMENT ON TABLE t IS 'advisory lock pg_advisory_lock(%d)'",
			"SELECT 1 -- pg_advisory_lock(%d)", "/* pg_advisory_lock(%d) */ SELECT 1",
			"DO $x$ BEGIN PERFORM 'it''s pg_advisory_lock(%1$d)', 'pg_advisory_lock(%1$d)'; END $x$",
			"SELECT %d AS advisory" })
	void aScriptThatOnlyMentionsFlywaysLockGoesToTheServer(String sql) throws Exception {
		this.database.execute("CREATE TABLE t (id int)");
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql.formatted(TABLE.lockKey()));
		}
		assertThat(this.asked + this.freed).isZero();
	}

	@Test
	void flywaysLockBesideALiteralOrACommentIsRefused() throws Exception {
		try (Statement statement = this.connection.createStatement()) {
			assertRefused(
					() -> statement.execute("/* it's */ SELECT 'a', pg_catalog.pg_advisory_lock ( %d::bigint ) -- '"
						.formatted(TABLE.lockKey())));
		}
	}

	@Test
	void flywaysLockInABatchOrAsAParameterIsRefused() throws Exception {
		try (Statement statement = this.connection.createStatement();
				PreparedStatement prepared = this.connection.prepareStatement("SELECT pg_try_advisory_lock(?)")) {
			assertRefused(() -> statement.addBatch("SELECT pg_try_advisory_lock(" + TABLE.lockKey() + ")"));
			assertRefused(() -> prepared.setLong(1, TABLE.lockKey()));
			prepared.setLong(1, 5);
			prepared.executeQuery().close();
		}
		assertThat(this.database.advisoryLocks()).isEqualTo(2);
	}

	@Test
	void statementsAreStillTheDriversOwn() throws Exception {
		try (Statement statement = this.connection.createStatement()) {
			assertThat(statement).isInstanceOf(PGStatement.class).isEqualTo(statement);
			assertThat(statement.unwrap(PGStatement.class)).isNotNull();
		}
	}

	private static void assertRefused(ThrowingCallable call) {
		assertThatExceptionOfType(UnsupportedFlywayException.class).isThrownBy(call)
			.withMessageContaining("Flyway takes its lock in a way that Headlock does not know");
	}

	@Test
	void onceCancelledNoConnectionIsGivenAndNoStatementBegun() throws Exception {
		this.dataSource.cancel();
		assertThat(this.connection.isClosed()).isTrue();
		assertCancelled(this.dataSource::getConnection);
		assertCancelled(() -> this.connection.createStatement());
		// Flyway would record that the cancelled migration has failed
		assertCancelled(() -> this.connection.prepareStatement("SELECT 1"));
	}

	@Test
	void aConnectionThatCannotBeCancelledKeepsNoOtherFromIt() throws Exception {
		DriverManagerDataSource driver = new DriverManagerDataSource(this.database.url(), "postgres", "");
		List<Connection> opened = new ArrayList<>();
		LockBypass bypass = new LockBypass(new DelegatingDataSource(driver) {

			@Override
			public Connection getConnection() throws SQLException {
				opened.add(super.getConnection());
				return JdbcProxy.of(opened.get(opened.size() - 1), Connection.class, (target, method, arguments) -> {
					if (method.getName().equals("unwrap")) {
						throw new IllegalStateException("on purpose");
					}
					return JdbcProxy.invoke(target, method, arguments);
				});
			}

		}, TABLE, () -> {
		}, () -> {
		});
		bypass.getConnection();
		bypass.getConnection();
		bypass.cancel();
		assertThat(opened).hasSize(2).allSatisfy((connection) -> assertThat(connection.isClosed()).isTrue());
		assertCancelled(bypass::getConnection);
	}

	private static void assertCancelled(ThrowingCallable call) {
		assertThatExceptionOfType(FlywayException.class).isThrownBy(call).withMessage("The migration was cancelled");
	}

	@Test
	void theConnectionIsStillTheDriversOwn() throws Exception {
		assertThat(this.connection.isWrapperFor(PGConnection.class)).isTrue();
		assertThat(this.connection.unwrap(PGConnection.class).getCopyAPI()).isNotNull();
		try (Statement statement = this.connection.createStatement()) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("SELECT nothing"));
		}
	}

	private boolean query(String sql, String column) throws Exception {
		try (ResultSet row = this.connection.prepareStatement(sql).executeQuery()) {
			row.next();
			return row.getBoolean(column);
		}
	}

	/**
	 * How JDBC sends a query.
	 */
	enum Way {

		PREPARED((connection, sql) -> connection.prepareStatement(sql).execute()),

		PREPARED_FOR_KEYS((connection, sql) -> connection.prepareStatement(sql, Statement.NO_GENERATED_KEYS).execute()),

		PREPARED_FOR_COLUMNS((connection, sql) -> connection.prepareStatement(sql, new String[0]).execute()),

		PREPARED_SCROLLABLE((connection, sql) -> connection
			.prepareStatement(sql, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)
			.execute()),

		CALLED((connection, sql) -> connection.prepareCall(sql).execute()),

		EXECUTED((connection, sql) -> connection.createStatement().execute(sql)),

		EXECUTED_FOR_KEYS((connection, sql) -> connection.createStatement().execute(sql, Statement.NO_GENERATED_KEYS)),

		QUERIED((connection, sql) -> connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)
			.executeQuery(sql));

		private final Sending sending;

		Way(Sending sending) {
			this.sending = sending;
		}

		void send(Connection connection, String sql) throws SQLException {
			this.sending.send(connection, sql);
		}

	}

	/**
	 * Sends a query.
	 */
	private interface Sending {

		void send(Connection connection, String sql) throws SQLException;

	}

}
