package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.HeldLock.Query;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reads that only help, and so must not end a start that has succeeded.
 */
class DiagnosticsTests {

	private final TestDatabase database = TestDatabase.create();

	@Test
	void aDiagnosticThatFailsIsEmptyAndLeavesNothingOnTheLocksConnection() throws Exception {
		Diagnostics hints = new Diagnostics(
				MigrationConnections.of(Flyway.configure().dataSource(this.database.url(), "postgres", null)));
		try (HeldLock lock = new MigrationLock(new HistoryTable("public", "flyway_schema_history"))
			.tryTake(this.database.connect())
			.orElseThrow()) {
			assertThat(hints.list(lock, failing("SELECT 1/0", new SQLException("odd")))).isEmpty();
			assertThat(hints.list(lock, failing("SELECT FROM pg_class", new IllegalStateException("odd")))).isEmpty();
			assertThat(this.database.list("SELECT 1 FROM pg_locks WHERE relation = 'pg_class'::regclass "
					+ "AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"))
				.isEmpty();
			assertThat(this.database.list("SELECT 1 FROM pg_stat_activity WHERE backend_xmin IS NOT NULL "
					+ "AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"))
				.isEmpty();
			lock.ensureHeld();
		}
	}

	private static <T> Query<T> failing(String sql, Exception failure) {
		return (Connection connection) -> {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
			if (failure instanceof SQLException ex) {
				throw ex;
			}
			throw (RuntimeException) failure;
		};
	}

}
