package io.github.headlock.test;

import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.PostgresServer;

import static org.awaitility.Awaitility.await;

/**
 * A server of a test's own that waits at each COMMIT for a synchronous standby, while
 * there is none.
 */
public final class WaitingCommits implements AutoCloseable {

	private static final String WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

	private final PostgresServer server = PostgresServer.start(Map.of("autovacuum", "off", "synchronous_commit", "on"));

	private final TestDatabase database;

	private int probes;

	/** Starts one that waits for none yet. */
	public WaitingCommits() {
		this.database = TestDatabase.on(this.server);
	}

	/** An empty database on it. */
	public TestDatabase database() {
		return this.database;
	}

	/** From now on each COMMIT waits, unless its session does not wish it. */
	public void loseStandby() {
		this.database.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()");
		await().until(this::waits);
	}

	private boolean waits() throws Exception {
		this.probes++;
		Background<Boolean> probe = Background.start(() -> {
			this.database.execute("CREATE SCHEMA probe_%d".formatted(this.probes));
			return true;
		});
		await().until(() -> probe.isDone() || !waiting().isEmpty());
		boolean waits = !probe.isDone();
		waiting().forEach((pid) -> this.database.list("SELECT pg_cancel_backend(?::int)", pid));
		probe.result();
		return waits;
	}

	/** Process ids of the sessions that wait for a standby. */
	public List<String> waiting() {
		return this.database.list(WAITING);
	}

	/** Ends all waits. */
	public void findStandby() {
		this.database.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
		await().until(() -> waiting().isEmpty());
	}

	@Override
	public void close() {
		findStandby();
		this.server.close();
	}

}
