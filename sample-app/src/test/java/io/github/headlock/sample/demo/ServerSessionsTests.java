package io.github.headlock.sample.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class ServerSessionsTests {

	@Test
	void aSessionThatWaitsIsToldWithWhatItWaitsFor() throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of());
				Connection holder = server.connect("postgres");
				Connection waiter = server.connect("postgres")) {
			ServerSessions sessions = new ServerSessions(new DemoDatabase(server, "postgres", server.url("postgres")));
			holder.setAutoCommit(false);
			execute(holder, "/* a comment */ SELECT pg_advisory_xact_lock(1)");
			CompletableFuture<Void> waiting = CompletableFuture
				.runAsync(() -> execute(waiter, "-- another one\nSELECT  pg_advisory_lock(1)"));
			await()
				.untilAsserted(() -> assertThat(sessions.notes()).containsExactly("Sessions of PostgreSQL at the end:",
						"SELECT pg_advisory_lock(1) waits for: idle in transaction, holds an advisory lock",
						"idle in transaction, holds an advisory lock: SELECT pg_advisory_xact_lock(1)"));
			holder.rollback();
			waiting.join();
		}
	}

	@Test
	void sessionsThatDoTheSameAreOneLineAndIdleOnesNone() throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of());
				Connection first = server.connect("postgres");
				Connection second = server.connect("postgres");
				Connection idle = server.connect("postgres")) {
			execute(first, "BEGIN; SELECT 1");
			execute(second, "BEGIN; SELECT 1");
			execute(idle, "SELECT 1");
			assertThat(new ServerSessions(new DemoDatabase(server, "postgres", server.url("postgres"))).notes())
				.containsExactly("Sessions of PostgreSQL at the end:", "idle in transaction: SELECT 1 (2 sessions)");
		}
	}

	private static void execute(Connection connection, String sql) {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
