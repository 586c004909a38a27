package io.github.headlock.flyway;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens without Headlock in the situations of the other tests, so that those are
 * known to be able to fail. If one of these fails, Flyway has become better: be glad.
 */
class PlainFlywayTests {

	private static final String KEY = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());

	private final TestDatabase database = TestDatabase.create();

	@Test
	void oneReplicaHangsOnItsOwnLockWhenItCreatesAnIndexConcurrently() throws Exception {
		ReplicaOfPlainFlyway replica = new ReplicaOfPlainFlyway(this.database.url(), "concurrently");
		// The index build waits for the transaction of Flyway's own lock connection.
		await().until(() -> this.database
			.list("SELECT b.state || ': ' || l.locktype FROM pg_stat_activity a, "
					+ "unnest(pg_blocking_pids(a.pid)) AS blocker(pid), pg_stat_activity b, pg_locks l "
					+ "WHERE a.wait_event = 'virtualxid' AND a.datname = current_database() "
					+ "AND b.pid = blocker.pid AND l.pid = b.pid AND l.locktype = 'advisory'")
			.equals(List.of("idle in transaction: advisory")));
		assertThat(replica.start.isDone()).isFalse();
		this.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
				+ "WHERE datname = current_database() AND pid <> pg_backend_pid()");
		assertThat(replica.start.failure()).isNotNull();
	}

	@Test
	void oneReplicaCreatesItWithTheSettingThatTheDocumentationNames() {
		Replica.of(this.database.url(), "concurrently")
			.with("spring.flyway.postgresql.transactional-lock", false)
			.plain()
			.start()
			.close();
		assertThat(this.database.list("SELECT 1 FROM pg_index WHERE NOT indisvalid")).isEmpty();
		assertThat(this.database.history()).isNotEmpty();
	}

	@Test
	void replicasHangBehindAPoolerWhoseConnectionsTheLockUsesUp() throws Exception {
		// else the holder gives its connection up for a moment when it has created the
		// history
		Replica.of(this.database.url(), "basic").with("spring.flyway.target", "1").startAndStop();
		List<ReplicaOfPlainFlyway> replicas = new ArrayList<>();
		try (Connection holder = this.database.hold(KEY)) {
			// A third one would queue at the pooler, and fail after 5 s, because HikariCP
			// cannot validate its connection.
			for (int i = 0; i < 2; i++) {
				replicas.add(new ReplicaOfPlainFlyway(this.database.pooledUrl() + "?prepareThreshold=0", "basic"));
			}
			// Each waiter keeps a server connection from its first try on, and there are
			// two.
			await().until(() -> serverConnectionsInTransaction("SELECT pg_try_advisory_xact_lock(%") == 2);
		}
		// Whoever gets the lock now needs a second connection, and there is none.
		await().during(Duration.ofSeconds(5))
			.until(() -> serverConnectionsInTransaction("%") == 2
					&& replicas.stream().noneMatch((replica) -> replica.start.isDone()));
		assertThat(this.database.history()).containsExactly("1");
		assertThat(this.database.advisoryLocks()).isOne();
		this.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
				+ "WHERE datname = current_database() AND pid <> pg_backend_pid()");
		await().until(() -> replicas.stream().allMatch((replica) -> replica.start.isDone()));
	}

	private int serverConnectionsInTransaction(String query) {
		return this.database
			.list("SELECT pid FROM pg_stat_activity WHERE xact_start IS NOT NULL AND query LIKE ? "
					+ "AND pid <> pg_backend_pid() AND application_name <> 'holder' AND datname = current_database()",
					query)
			.size();
	}

	/**
	 * A replica as it would be if the dependency on Headlock were removed.
	 */
	private static final class ReplicaOfPlainFlyway {

		private final Background<Boolean> start;

		ReplicaOfPlainFlyway(String url, String migrations) {
			this.start = Background.start(() -> {
				Replica.of(url, migrations).plain().start().close();
				return true;
			});
		}

	}

}
