package io.github.headlock.sample.demo;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.github.headlock.testbed.PostgresServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DemoDatabaseTests {

	@Test
	void onlyALockThatStaysCounts() throws Exception {
		try (PostgresServer server = PostgresServer.start(Map.of());
				Connection holder = server.connect("postgres");
				Statement statement = holder.createStatement()) {
			DemoDatabase database = new DemoDatabase(server, "postgres", server.url("postgres"));
			statement.execute("SELECT pg_advisory_lock(1)");
			assertThat(database.lastingAdvisoryLocks()).isOne();
			CompletableFuture<Integer> locks = CompletableFuture.supplyAsync(database::lastingAdvisoryLocks);
			statement.execute("SELECT pg_advisory_unlock(1)");
			assertThat(locks.join()).isZero();
		}
	}

}
