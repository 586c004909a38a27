package io.github.headlock.background;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What background migrations hold for, for how long, and who keeps to it.
 */
@Tag("every-postgresql")
class HoldTests {

	private final TestDatabase database = TestDatabase.create();

	private final Holds holds;

	HoldTests() throws Exception {
		this.holds = new Holds(this.database);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE" })
	void whoMaintainsTheTableIsNotDisturbed(String mode) throws Exception {
		BackgroundWork process = this.holds.process();
		try (Connection session = this.database.inTransaction("LOCK TABLE customer IN %s MODE".formatted(mode))) {
			assertThat(this.holds.holds(process)).isTrue();
			int pid = session.unwrap(PGConnection.class).getBackendPID();
			assertThat(this.holds.because()).startsWith("pid " + pid + ", role \"postgres\"")
				.endsWith(", holds %sLock on customer".formatted(camelCase(mode)));
			session.rollback();
		}
		assertThat(this.holds.holds(process)).isTrue();
		this.holds.expire();
		assertThat(this.holds.holds(process)).isFalse();
		assertThat(this.database.list("SELECT 1 FROM flyway_schema_history_background WHERE held_because IS NULL "
				+ "AND hold_kind IS NULL AND held_since IS NULL AND held_until IS NULL"))
			.hasSize(1);
	}

	private static String camelCase(String mode) {
		StringBuilder text = new StringBuilder();
		List.of(mode.split(" ", -1))
			.forEach((word) -> text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT)));
		return text.toString();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE" })
	void whoUsesTheTableIsNoReason(String mode) throws Exception {
		try (Connection session = this.database.inTransaction("LOCK TABLE customer IN %s MODE".formatted(mode))) {
			assertThat(this.holds.holds(this.holds.process())).isFalse();
			session.rollback();
		}
	}

	@Test
	void whoWaitsForTheTableGoesFirst() throws Exception {
		try (Connection reader = this.database.inTransaction("SELECT * FROM customer LIMIT 1")) {
			Background<Boolean> change = Background.start(() -> {
				this.database.execute("ALTER TABLE customer ADD COLUMN extra int");
				return true;
			});
			this.database.awaitBlockedBy(reader);
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			assertThat(this.holds.because()).endsWith(", waits for AccessExclusiveLock on customer");
			reader.rollback();
			assertThat(change.result()).isTrue();
		}
	}

	@Test
	void aLockOfAnyPartitionCounts() throws Exception {
		this.database.execute("ALTER TABLE customer RENAME TO customer_1",
				"CREATE TABLE customer (LIKE customer_1 INCLUDING ALL) PARTITION BY RANGE (id)",
				"ALTER TABLE customer ATTACH PARTITION customer_1 FOR VALUES FROM (0) TO (1000000)");
		try (Connection session = this.database
			.inTransaction("LOCK TABLE ONLY customer_1 IN SHARE UPDATE EXCLUSIVE MODE")) {
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			assertThat(this.holds.because()).endsWith("on customer_1");
			session.rollback();
		}
	}

	@Test
	void aPlainRoleSeesThatToo() throws Exception {
		String role = this.holds.plainRole();
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(this.holds.process(), role)).isTrue();
			session.rollback();
		}
	}

	@Test
	void anotherProcessHonoursItForBatchesThatAreOpenAlready() throws Exception {
		BackgroundWork first = this.holds.process();
		BackgroundWork second = this.holds.process();
		assertThat(this.holds.step(second).kind()).isEqualTo(Kind.WORKED);
		assertThat(this.holds.customers.openBatches()).isOne();
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(first)).isTrue();
			session.rollback();
		}
		assertThat(this.holds.holds(second)).isTrue();
		assertThat(this.holds.step(second).kind()).isEqualTo(Kind.WAITING);
		assertThat(this.holds.customers.count("times = 1")).isZero();
		this.holds.expire();
		assertThat(this.holds.holds(second)).isFalse();
		assertThat(this.holds.step(second).kind()).isEqualTo(Kind.WORKED);
		assertThat(this.holds.customers.count("times = 1")).isPositive();
	}

	@Test
	void noBatchIsMadeMeanwhile() throws Exception {
		BackgroundWork process = this.holds.process();
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(process)).isTrue();
			assertThat(this.holds.step(process).kind()).isEqualTo(Kind.WAITING);
			assertThat(this.holds.customers.openBatches()).isZero();
			session.rollback();
		}
	}

	@Test
	void aBatchThatEndsMeanwhileLeavesTheHold() throws Exception {
		BackgroundWork process = this.holds.process();
		this.holds.step(process);
		try (Connection inBatch = this.holds.customers.connect();
				Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			this.holds.customers.store.countWork(inBatch, "backfill", 0, 0, null, Duration.ZERO, Duration.ZERO);
			session.rollback();
		}
		assertThat(this.holds.step(process).kind()).isEqualTo(Kind.WAITING);
	}

	@Test
	void itIsLookedForAtMostEveryTwoSeconds() throws Exception {
		BackgroundWork process = this.holds.process();
		assertThat(this.holds.holds(process)).isFalse();
		long begin = System.nanoTime();
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			boolean first = this.holds.holds(process);
			assertThat(first && System.nanoTime() - begin < 1_900_000_000L).isFalse();
			await().until(() -> this.holds.holds(process));
			session.rollback();
		}
	}

	@Test
	void aHoldDoesNotLastForEverAndDoesNotCountAgainUntilItWasGone() throws Exception {
		try (HeadlockLog log = HeadlockLog.open();
				Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			BackgroundWork process = this.holds.process();
			assertThat(this.holds.holds(process)).isTrue();
			this.holds.makeOld();
			// another process, which has not seen its begin
			process = this.holds.process();
			assertThat(this.holds.holds(process)).isFalse();
			assertThat(this.holds.because()).isNull();
			assertThat(this.holds.holds(this.holds.process())).isFalse();
			assertThat(log.messages()).filteredOn((line) -> line.contains(
					"held for 30 min, the longest for this reason, which does not count again until it was gone once: pid "))
				.hasSize(1);
			assertThat(this.holds.column("overdue_holds")).isEqualTo("{\"table lock\"}");
			session.rollback();
			assertThat(this.holds.holds(this.holds.process())).isFalse();
			assertThat(this.holds.column("overdue_holds")).isEqualTo("{}");
		}
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			session.rollback();
		}
	}

	@Test
	void ofTwoProcessesThatLookAtTheSameTimeOneWrites() throws Exception {
		try (HeadlockLog log = HeadlockLog.open();
				Connection session = this.database.inTransaction(Holds.MAINTENANCE);
				Connection connection = this.holds.customers.connect()) {
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			this.holds.makeOld();
			Progress before = this.holds.customers.progress();
			this.holds.process().pause(connection, before);
			this.holds.process().pause(connection, before);
			assertThat(log.messages()).filteredOn((line) -> line.contains("the longest for this reason")).hasSize(1);
			session.rollback();
		}
	}

	@Test
	void aHoldThatNobodyHasLookedAfterBeginsAnew() throws Exception {
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			this.holds.set("held_since = held_since - interval '5 h', held_until = held_until - interval '4 h'");
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			assertThat(this.holds.column("held_since > now() - interval '1 min'")).isEqualTo("true");
			session.rollback();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "paused", "skipped", "failed" })
	void anOperatorChangesTheStateMeanwhile(String state) throws Exception {
		BackgroundWork process = this.holds.process();
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			assertThat(this.holds.holds(process)).isTrue();
			session.rollback();
		}
		this.holds.set("state = '%s'".formatted(state));
		this.holds.holds(process);
		assertThat(this.holds.because()).isNull();
		assertThat(this.holds.column("state")).isEqualTo(state);
		this.holds.set("state = 'running'");
		assertThat(this.holds.holds(process)).isFalse();
		assertThat(this.holds.step(process).kind()).isEqualTo(Kind.WORKED);
	}

	@Test
	void nothingIsWrittenOverAStateThatHasChanged() throws Exception {
		BackgroundWork process = this.holds.process();
		Progress before = this.holds.customers.progress();
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE);
				Connection connection = this.holds.customers.connect()) {
			this.holds.set("state = 'finalizing'");
			process.pause(connection, before);
			assertThat(this.holds.because()).isNull();
			session.rollback();
		}
	}

	@Test
	void whatEndsIsNotHeld() throws Exception {
		this.holds.set("held_because = 'x', hold_kind = 'application', held_until = now()");
		this.holds.customers.finish(Holds.COUNT_UP, Customers.settings());
		assertThat(this.holds.column("state")).isEqualTo("finished");
		assertThat(this.holds.because()).isNull();
	}

	@Test
	void theLogTellsOfItsBeginAndItsEndOnce() throws Exception {
		BackgroundWork process = this.holds.process();
		try (HeadlockLog log = HeadlockLog.open();
				Connection session = this.database.inTransaction(Holds.MAINTENANCE)) {
			for (int i = 0; i < 3; i++) {
				assertThat(this.holds.holds(process)).isTrue();
				assertThat(this.holds.holds(process)).isTrue();
				this.holds.expire();
			}
			session.rollback();
			assertThat(this.holds.holds(process)).isFalse();
			assertThat(this.holds.holds(process)).isFalse();
			assertThat(log.messages()).hasSize(2);
			assertThat(log.messages().get(0)).startsWith("Background migration \"backfill\": held: pid ");
			assertThat(log.messages().get(1))
				.matches("Background migration \"backfill\": goes on after it was held for \\d+ s");
		}
	}

	/** Where an administrator has hidden what everybody else sees. */
	@Test
	void whatCannotBeReadDoesNotStopTheWork() throws Exception {
		String role = this.holds.plainRole();
		BackgroundWork process = this.holds.process();
		this.database.execute("REVOKE SELECT ON pg_locks FROM PUBLIC");
		try (HeadlockLog log = HeadlockLog.open()) {
			assertThat(this.holds.holds(process, role)).isFalse();
			assertThat(log.messages()).singleElement()
				.satisfies((line) -> assertThat(line).contains("permission denied for view pg_locks"));
		}
	}

	@Test
	void whoWritesIsNotKeptWaiting() throws Exception {
		try (Connection session = this.database.inTransaction(Holds.MAINTENANCE);
				Connection writer = this.database.connect();
				Statement statement = writer.createStatement()) {
			assertThat(this.holds.holds(this.holds.process())).isTrue();
			statement.execute("SET lock_timeout = '1ms'");
			assertThat(statement.executeUpdate("UPDATE customer SET first_name = 'new'")).isEqualTo(2_000);
			session.rollback();
		}
	}

}
