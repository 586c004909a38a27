package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.waiting.StartInterruptedException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

/**
 * Replicas that find the lock taken.
 */
@Tag("every-locale")
@ExtendWith(OutputCaptureExtension.class)
class LockAcquisitionTests {

	private static final long KEY = new HistoryTable("public", "flyway_schema_history").lockKey();

	private final TestDatabase database = TestDatabase.create();

	@Tag("every-version")
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aHeldLockDoesNotDelayAStartAtHead(boolean pooled) throws Exception {
		Replica.of(this.database.url(), "basic").startAndStop();
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			MigrationReport report = Replica.of(pooled ? this.database.pooledUrl() : this.database.url(), "basic")
				.with("headlock.lock.timeout", "0s")
				.startAndStop();
			assertThat(report.outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
			assertThat(report.waited()).isZero();
		}
	}

	@Tag("every-version")
	@Test
	void theFastPathIsOneMessageOnOneConnection() {
		Replica.of(this.database.url(), "basic").startAndStop();
		TestDatabase observer = TestDatabase.create();
		List<String> before = statistics(observer);
		Replica.of(this.database.url(), "basic").startAndStop();
		List<String> after = statistics(observer);
		// Two of the three set what the driver sets on each of its connections.
		assertThat(difference(before, after)).as("sessions, committed, rolled back").containsExactly(1, 3, 0);
	}

	private List<String> statistics(TestDatabase observer) {
		// The numbers of a session arrive when it ends; up to PostgreSQL 14 a little
		// later.
		await().until(() -> observer.list("SELECT pid FROM pg_stat_activity WHERE datname = ?", this.database.name())
			.isEmpty());
		AtomicReference<List<String>> numbers = new AtomicReference<>(List.of());
		await().during(Duration.ofSeconds(1)).until(() -> {
			List<String> now = observer.list("SELECT unnest(ARRAY[sessions, xact_commit, xact_rollback]) "
					+ "FROM pg_stat_database WHERE datname = ?", this.database.name());
			return now.equals(numbers.getAndSet(now));
		});
		return numbers.get();
	}

	private static List<Integer> difference(List<String> before, List<String> after) {
		return IntStream.range(0, before.size())
			.mapToObj((i) -> Integer.parseInt(after.get(i)) - Integer.parseInt(before.get(i)))
			.toList();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void waiterIsSeenTryingAndHoldsNoConnectionBetweenTries(boolean pooled) throws Exception {
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			Background<MigrationReport> waiter = Background.start(
					() -> Replica.of(pooled ? this.database.pooledUrl() : this.database.url(), "basic").startAndStop());
			if (!pooled) {
				assertEachTryIsASessionOfItsOwn();
			}
			await().until(waiter::isWaitingForTheLock);
			// Nobody is ever queued for the lock, nor idle in a transaction but the
			// holder.
			await().during(Duration.ofSeconds(1))
				.until(() -> this.database.list("SELECT pid FROM pg_locks WHERE NOT granted").isEmpty() && this.database
					.list("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' "
							+ "AND datname = current_database() AND application_name <> 'holder'")
					.isEmpty());
			assertThat(waiter.isDone()).isFalse();
			holder.rollback();
			assertThat(waiter.result().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
			assertThat(waiter.result().waited()).isPositive();
		}
	}

	@Tag("every-version")
	@Test
	void waiterLeavesWithoutTheLockOnceSchemaIsAtHead(CapturedOutput output) throws Exception {
		Replica.of(this.database.url(), "basic").startAndStop();
		this.database.execute("ALTER TABLE flyway_schema_history RENAME TO hidden");
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			Background<MigrationReport> waiter = Background
				.start(() -> Replica.of(this.database.url(), "basic").startAndStop());
			await().until(() -> output.getOut().contains("Waiting for the migration lock"));
			this.database.execute("ALTER TABLE hidden RENAME TO flyway_schema_history");
			assertThat(waiter.result().outcome()).isEqualTo(MigrationOutcome.WAITED);
			assertThat(this.database.advisoryLocks()).isOne();
		}
	}

	@Test
	void waitingIsExplainedWithItsHolder(CapturedOutput output) throws Exception {
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			String pid = holderPid();
			Background<MigrationReport> waiter = Background
				.start(() -> Replica.of(this.database.url(), "basic").startAndStop());
			await().until(() -> output.getOut()
				.contains("it is held by pid " + pid + ", role \"postgres\", application \"holder\", host "
						+ this.database.clientAddress() + ", since "));
			holder.rollback();
			waiter.result();
		}
	}

	@Tag("every-version")
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void lockTimeoutNamesTheHolderAndChangesNothing(boolean pooled) throws Exception {
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			String pid = holderPid();
			Background<MigrationReport> waiter = Background
				.start(() -> Replica.of(pooled ? this.database.pooledUrl() : this.database.url(), "basic")
					.with("headlock.lock.timeout", "1s")
					.startAndStop());
			assertThat(waiter.failure()).rootCause().asInstanceOf(type(LockTimeoutException.class)).satisfies((ex) -> {
				assertThat(ex.getExitCode()).isEqualTo(10);
				assertThat(ex.getTimeout()).isEqualTo(Duration.ofSeconds(1));
				assertThat(ex.getLockKey()).isEqualTo(KEY);
				assertThat(ex.getHolder()).isNotNull().satisfies((lockHolder) -> {
					assertThat(lockHolder.pid()).hasToString(pid);
					assertThat(lockHolder.applicationName()).isEqualTo("holder");
					assertThat(lockHolder.since()).isBefore(Instant.now());
				});
			});
			assertThat(this.database.list("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
				.isEmpty();
		}
	}

	@Test
	void interruptingAWaiterEndsItAtOnce(CapturedOutput output) throws Exception {
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			Background<MigrationReport> waiter = Background.start(() -> Replica.of(this.database.url(), "basic")
				.with("headlock.lock.poll-interval", "10m")
				.startAndStop());
			await().until(() -> output.getOut().contains("Waiting for the migration lock"));
			waiter.interrupt();
			await().until(waiter::isDone);
			assertThat(waiter.failure()).cause().isInstanceOf(StartInterruptedException.class);
			assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
		}
	}

	private String holderPid() {
		return this.database.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'holder' "
				+ "AND datname = current_database()");
	}

	private void assertEachTryIsASessionOfItsOwn() throws SQLException {
		try (Connection monitor = this.database.connect()) {
			Set<String> seen = new HashSet<>();
			// Tries last for milliseconds, so look often.
			await().pollInterval(Duration.ofMillis(1)).until(() -> {
				seen.addAll(waiters(monitor));
				return seen.size() >= 3;
			});
			await().pollInterval(Duration.ofMillis(1)).until(() -> waiters(monitor).isEmpty());
		}
	}

	private static List<String> waiters(Connection monitor) throws SQLException {
		List<String> pids = new ArrayList<>();
		try (Statement statement = monitor.createStatement();
				ResultSet row = statement.executeQuery("SELECT pid FROM pg_stat_activity "
						+ "WHERE application_name LIKE 'headlock %' AND datname = current_database()")) {
			while (row.next()) {
				pids.add(row.getString(1));
			}
		}
		return pids;
	}

}
