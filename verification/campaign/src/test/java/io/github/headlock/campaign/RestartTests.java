package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;
import io.github.headlock.testbed.PostgresServer.StopMode;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The server and the pooler stop and come back as faults want it.
 */
class RestartTests {

	@Test
	void theServerComesBackWithItsDataAndWithoutItsSessions() throws SQLException {
		try (PostgresServer server = PostgresServer.start(Map.of("synchronous_commit", "on"))) {
			for (StopMode mode : StopMode.values()) {
				server.createDatabase("kept_" + mode);
				Connection session = server.connect("postgres");
				server.stop(mode);
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> server.connect("postgres"));
				server.startAgain();
				assertThat(session.isValid(1)).isFalse();
				assertThat(ask(server.url("kept_" + mode.name().toLowerCase(Locale.ROOT)), "SELECT 1"))
					.containsExactly("1");
			}
			assertThat(ask(server.url("postgres"), "SHOW synchronous_commit")).containsExactly("on");
		}
	}

	@Test
	void thePoolerComesBackOnItsPort() throws SQLException {
		try (PostgresServer server = PostgresServer.start(Map.of()); PgBouncer pooler = PgBouncer.start(server, 2)) {
			assertThat(ask(pooler.url("postgres"), "SELECT 1")).containsExactly("1");
			pooler.kill();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> ask(pooler.url("postgres"), "SELECT 1"));
			pooler.startAgain();
			assertThat(ask(pooler.url("postgres"), "SELECT 1")).containsExactly("1");
		}
	}

	private static List<String> ask(String url, String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url, "postgres", "")) {
			return RoundDatabase.list(connection, sql);
		}
	}

}
