package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.TestDatabase;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The connections that Flyway gets.
 */
class LockBypassTests {

	private static final HistoryTable TABLE = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	private HeldLock lock;

	private LockBypass dataSource;

	private Connection connection;

	@BeforeEach
	void takeTheLock() throws Exception {
		this.lock = new MigrationLock(TABLE).tryTake(this.database.connect()).orElseThrow();
		this.dataSource = new LockBypass(new DriverManagerDataSource(this.database.url(), "postgres", ""), TABLE,
				this.lock::ensureHeld, () -> {
				});
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

	@Test
	void onceCancelledNoConnectionIsGivenAndNoStatementBegun() throws Exception {
		this.dataSource.cancel();
		assertThat(this.connection.isClosed()).isTrue();
		assertCancelled(this.dataSource::getConnection);
		assertCancelled(() -> this.connection.createStatement());
		// Flyway would record that the cancelled migration has failed
		assertCancelled(() -> this.connection.prepareStatement("SELECT 1"));
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

}
