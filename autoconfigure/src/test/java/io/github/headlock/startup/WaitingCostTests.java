package io.github.headlock.startup;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.CountingProxy;
import io.github.headlock.testbed.CountingProxy.Counts;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What a replica that waits asks of the server, counted between the two. Each try opens a
 * connection; what that takes is counted with a bare one.
 */
@Tag("every-version")
class WaitingCostTests {

	private static final HistoryTable TABLE = new HistoryTable("public", "flyway_schema_history");

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aTryThatFindsTheLockHeldIsOneMessage(boolean pooled) throws Exception {
		fallBehind();
		try (Connection holder = hold(TABLE.lockKey()); CountingProxy proxy = proxy(pooled)) {
			Begin begin = begin(proxy, pooled);
			assertThatThrownBy(() -> replica(proxy).with("headlock.lock.timeout", "2s").startAndStop())
				.hasRootCauseInstanceOf(LockTimeoutException.class);
			// the first connection is asked once more, before its try
			assertOneMessageEach(proxy, begin, 1 + ofFirstConnection(pooled));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aTryBeforeThereIsAHistoryIsOneMessage(boolean pooled) throws Exception {
		try (Connection holder = hold(TABLE.lockKey()); CountingProxy proxy = proxy(pooled)) {
			Begin begin = begin(proxy, pooled);
			assertThatThrownBy(() -> replica(proxy).with("headlock.lock.timeout", "2s").startAndStop())
				.hasRootCauseInstanceOf(LockTimeoutException.class);
			// over the first connection it turned out that there is none: two messages
			// failed, each was rolled back, and the server's facts were read alone
			assertOneMessageEach(proxy, begin, 5 + ofFirstConnection(pooled));
		}
	}

	@Test
	void aTryWhileAMigrationWithoutItsLockIsRunningIsOneMessage() throws Exception {
		fallBehind();
		try (Connection holder = hold(TABLE.fenceKey()); CountingProxy proxy = proxy(false)) {
			Begin begin = begin(proxy, false);
			assertThatThrownBy(() -> replica(proxy).with("headlock.lock.timeout", "2s").startAndStop())
				.hasRootCauseInstanceOf(LockTimeoutException.class);
			assertOneMessageEach(proxy, begin, 1 + ofFirstConnection(false));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aLookOfAProcessThatSkipsMigrationsIsOneMessage(boolean migrating) throws Exception {
		fallBehind();
		try (Connection holder = hold(migrating ? TABLE.lockKey() : 1); CountingProxy proxy = proxy(false)) {
			Begin begin = begin(proxy, false);
			assertThatThrownBy(() -> replica(proxy).with("headlock.skip-migrations", true)
				.with("headlock.on-schema-behind", "wait")
				.with("headlock.schema-wait-timeout", "2s")
				.startAndStop()).hasRootCauseInstanceOf(SchemaBehindException.class);
			assertOneMessageEach(proxy, begin, 1 + ofFirstConnection(false));
		}
	}

	@Test
	void aTryForALockOfTasksThatIsHeldIsOneMessage() throws Exception {
		try (CountingProxy proxy = proxy(false); ConfigurableApplicationContext context = replica(proxy).start()) {
			ExclusiveTaskLock lock = new ExclusiveTaskLock("task",
					context.getBean(HeadlockMigrationStrategy.class).managed().orElseThrow(), Duration.ofSeconds(2),
					Duration.ofMillis(100));
			try (Connection holder = hold(TABLE.taskLockKey())) {
				Begin begin = begin(proxy, false);
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(lock::await);
				assertOneMessageEach(proxy, begin, 0);
			}
		}
	}

	@Test
	void aRoleThatMayNotSeeLocksNeedsNotToAtHead() {
		TestRoles roles = TestRoles.create(this.database);
		// a name for which the first look takes more than one message
		Replica replica = roles.replica(this.database.url(), "basic").with("spring.flyway.table", "h".repeat(50));
		replica.startAndStop();
		this.database.execute("REVOKE SELECT ON pg_catalog.pg_locks FROM PUBLIC");
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
	}

	private static void assertOneMessageEach(CountingProxy proxy, Begin begin, int beyond) {
		int tries = proxy.counts().connections() - begin.counts().connections();
		assertThat(tries).isGreaterThan(1);
		assertThat(proxy.counts().turns() - begin.counts().turns())
			.isEqualTo(tries * (begin.turnsOfConnection() + 1) + beyond);
	}

	private void fallBehind() {
		Replica.of(this.database.url(), "basic").startAndStop();
		this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
	}

	private Connection hold(long key) throws SQLException {
		return this.database.hold(String.valueOf(key));
	}

	private CountingProxy proxy(boolean pooled) {
		URI server = URI.create((pooled ? this.database.pooledUrl() : this.database.url()).substring("jdbc:".length()));
		return CountingProxy.start(server.getHost(), server.getPort(), Duration.ZERO);
	}

	private Replica replica(CountingProxy proxy) {
		return Replica.of(proxy.url(this.database.name()), "basic");
	}

	/**
	 * What the first connection takes more than the others: until it is opened, nobody
	 * knows that no pooler is there.
	 */
	private static int ofFirstConnection(boolean pooled) {
		return pooled ? 0 : 1;
	}

	private Begin begin(CountingProxy proxy, boolean pooled) throws SQLException {
		int before = proxy.counts().turns();
		String url = proxy.url(this.database.name()) + (pooled ? "" : "?assumeMinServerVersion=9.0");
		DriverManager.getConnection(url, "postgres", "").close();
		Counts counts = proxy.counts();
		return new Begin(counts, counts.turns() - before);
	}

	/**
	 * What was counted before the wait, and the round trips that it takes to open a
	 * connection.
	 */
	private record Begin(Counts counts, int turnsOfConnection) {
	}

}
