package io.github.headlock.lock;

import java.io.IOException;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.NotInContainer;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PgBouncer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The lock's connection during a long migration.
 */
@ExtendWith(OutputCaptureExtension.class)
class HeartbeatTests {

	private static final HistoryTable TABLE = new HistoryTable("public", "flyway_schema_history");

	private static final String HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %d::oid "
		.formatted(TABLE.lockKey() & 0xFFFFFFFFL)
			+ "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

	private final TestDatabase database = TestDatabase.create();

	@Test
	void aPoolerThatEndsIdleTransactionsDoesNotEndTheLock() throws Exception {
		try (PgBouncer pooler = this.database.pooler(2, "idle_transaction_timeout = 10");
				Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> Replica.of(pooler.url(this.database.name()), "gated").startAndStop());
			this.database.awaitMigrationAtTheGate();
			String holder = this.database.value(HOLDER);
			String heldForLong = "SELECT pid FROM pg_stat_activity WHERE pid = %s AND clock_timestamp() - xact_start > "
					+ "interval '13 s'";
			await().until(() -> !this.database.list(heldForLong.formatted(holder)).isEmpty());
			gate.rollback();
			assertThat(start.result().migrations()).isEqualTo(2);
		}
	}

	@Test
	void theLossIsToldWhileTheMigrationStillRuns(CapturedOutput output) throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> Replica.of(this.database.url(), "gated").startAndStop());
			this.database.awaitMigrationAtTheGate();
			this.database.value("SELECT pg_terminate_backend(?::int)", this.database.value(HOLDER));
			await().until(() -> output.toString().contains("Lost the migration lock of \"public\""));
			assertThat(start.isDone()).isFalse();
			gate.rollback();
			assertThat(start.failure()).hasCauseInstanceOf(LockLostException.class);
		}
		assertThat(this.database.history()).containsExactly("1");
	}

	@Test
	void aHandlerOfTheLossThatThrowsIsRunAgain() throws Exception {
		AtomicInteger runs = new AtomicInteger();
		try (HeldLock lock = new MigrationLock(TABLE).tryTake(this.database.connect()).orElseThrow()) {
			lock.whenLost(() -> {
				runs.incrementAndGet();
				throw new IllegalStateException("broken");
			});
			lock.keepAlive();
			this.database.value("SELECT pg_terminate_backend(?::int)", this.database.value(HOLDER));
			await().until(() -> runs.get() > 1);
		}
	}

	/** As when a network swallows everything: nothing is ever answered or refused. */
	@Test
	@NotInContainer("it stops the server's process of one session by a signal")
	void aLockConnectionThatFallsSilentIsNoticed() throws Exception {
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> Replica.of(this.database.url(), "gated").startAndStop());
			this.database.awaitMigrationAtTheGate();
			String holder = this.database.value(HOLDER);
			signal("-STOP", holder);
			try {
				gate.rollback();
				assertThat(start.failure()).hasCauseInstanceOf(LockLostException.class);
			}
			finally {
				signal("-CONT", holder);
			}
		}
		assertThat(this.database.history()).containsExactly("1");
		await().until(() -> this.database.advisoryLocks() == 0);
	}

	private static void signal(String signal, String pid) throws IOException, InterruptedException {
		assertThat(new ProcessBuilder("kill", signal, pid).start().waitFor()).isZero();
	}

}
