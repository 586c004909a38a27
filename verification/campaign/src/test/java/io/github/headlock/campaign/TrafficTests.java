package io.github.headlock.campaign;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whoever terminates the application's session where nobody may is found out.
 */
class TrafficTests {

	private static final String SESSIONS = "FROM pg_stat_activity WHERE application_name = 'shop'";

	private static PostgresServer server;

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.start(Map.of());
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aSessionThatIsTerminatedIsDamage() throws SQLException {
		try (Traffic traffic = new Traffic(server.url("postgres"), "postgres", true, true)) {
			assertThat(traffic.damage()).isEmpty();
			terminate();
			assertThat(Wait.until(Duration.ofMinutes(1), () -> !traffic.damage().isEmpty())).isTrue();
		}
	}

	@Test
	void aPoolerDoesNotHideIt() throws SQLException {
		try (PgBouncer pooler = PgBouncer.start(server, 2);
				Traffic traffic = new Traffic(pooler.url("postgres"), "postgres", true, true)) {
			assertThat(Wait.until(Duration.ofMinutes(1), () -> {
				terminate();
				return !traffic.damage().isEmpty();
			})).isTrue();
		}
	}

	@Test
	void aTerminatedSessionIsNoDamageWhereItIsExpected() throws SQLException {
		try (Traffic traffic = new Traffic(server.url("postgres"), "postgres", true, false)) {
			terminate();
			Wait.atMost(Duration.ofMinutes(1), "the traffic to go on",
					() -> list("SELECT pid " + SESSIONS).stream().findFirst());
			assertThat(traffic.damage()).isEmpty();
		}
	}

	/** Once it is there. */
	private static void terminate() {
		Wait.atMost(Duration.ofMinutes(1), "a session",
				() -> list("SELECT pg_terminate_backend(pid) " + SESSIONS).stream().findFirst());
	}

	private static List<String> list(String sql) throws SQLException {
		try (var connection = server.connect("postgres")) {
			return RoundDatabase.list(connection, sql);
		}
	}

}
