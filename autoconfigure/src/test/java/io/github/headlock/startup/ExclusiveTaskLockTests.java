package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;

import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.waiting.StartInterruptedException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

/**
 * Tasks that one process runs at a time. The application's pool has one connection.
 */
@Tag("every-postgresql")
@ExtendWith(OutputCaptureExtension.class)
class ExclusiveTaskLockTests {

	private static final long KEY = new HistoryTable("public", "flyway_schema_history").taskLockKey();

	/** Process id of the session that holds the lock, the key as pg_locks shows it. */
	private static final String HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
			+ "AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = " + KEY
			+ " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	ExclusiveTaskLockTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void replicasRunTheTaskOneAfterTheOtherAndHoldNothingWhileTheyWait(boolean pooled, CapturedOutput output)
			throws Exception {
		// a pool of its own of size 4: two for the locks, two for the tasks themselves
		String url = pooled ? this.database.pooler(4).url(this.database.name()) : this.database.url();
		Replica replica = replica(url).with(GatedTask.class);
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> first = Background.start(replica::startAndStop);
			this.database.awaitMigrationAtTheGate();
			Background<MigrationReport> second = Background.start(replica::startAndStop);
			String holder = this.database.value(HOLDER);
			await().until(() -> output.getOut()
				.contains("at most 900.0 s); it is held by pid " + holder
						+ ", role \"postgres\", application \"headlock "));
			await().during(Duration.ofSeconds(1))
				.until(() -> this.database.list("SELECT 1 FROM pg_locks WHERE NOT granted AND objid <> 1").isEmpty()
						&& this.database.list(HOLDER).equals(List.of(holder)));
			// a heartbeat is active for a moment
			assertThat(await().until(() -> this.database
				.list("SELECT coalesce(backend_xmin::text, 'no xmin') FROM pg_stat_activity WHERE pid = ?::int "
						+ "AND state = 'idle in transaction'", holder),
					(rows) -> !rows.isEmpty()))
				.containsExactly("no xmin");
			gate.rollback();
			first.result();
			second.result();
		}
		assertThat(Recording.of(this.database)).containsExactly("begin", "end", "begin", "end");
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "false, read committed", "false, serializable", "true, repeatable read" })
	void aTaskMayCreateAnIndexConcurrently(boolean pooled, String isolation) {
		this.database.execute(
				"ALTER DATABASE %s SET default_transaction_isolation = '%s'".formatted(this.database.name(), isolation),
				"ALTER DATABASE %s SET statement_timeout = '2min'".formatted(this.database.name()));
		String url = (pooled ? this.database.pooledUrl() : this.database.url()) + "?prepareThreshold=0";
		replica(url).with(IndexingTask.class).startAndStop();
		assertThat(this.database.list("SELECT 1 FROM pg_index WHERE indexrelid = 'ran_what'::regclass AND indisvalid"))
			.hasSize(1);
	}

	@Test
	void aLockTimeoutNamesTheTaskAndTheHolder() throws Exception {
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			Background<MigrationReport> start = Background
				.start(() -> replica(this.database.url()).with(GatedTask.class)
					.with("headlock.lock.timeout", "1s")
					.startAndStop());
			assertThat(start.failure()).rootCause().asInstanceOf(type(LockTimeoutException.class)).satisfies((ex) -> {
				assertThat(ex.getExitCode()).isEqualTo(10);
				assertThat(ex.getTask()).isEqualTo("gated");
				assertThat(ex.getLockKey()).isEqualTo(KEY);
				assertThat(ex.getHolder()).isNotNull()
					.satisfies((lockHolder) -> assertThat(lockHolder.applicationName()).isEqualTo("holder"));
				assertThat(ex).hasMessageStartingWith("No lock for the task \"gated\" of "
						+ "\"public\".\"flyway_schema_history\" within 1.0 s: it is held by pid ");
			});
			assertThat(this.database.history()).containsExactly("1");
			assertThat(Recording.of(this.database)).isEmpty();
		}
	}

	@Test
	void interruptingAWaiterEndsIt(CapturedOutput output) throws Exception {
		try (Connection holder = this.database.hold(String.valueOf(KEY))) {
			Background<MigrationReport> start = Background
				.start(() -> replica(this.database.url()).with(GatedTask.class)
					.with("headlock.lock.poll-interval", "1m")
					.startAndStop());
			await().until(() -> output.getOut().contains("Waiting for the lock for the task \"gated\""));
			start.interrupt();
			assertThat(start.failure()).cause().isInstanceOf(StartInterruptedException.class);
		}
	}

	@Test
	void aTaskThatFailsFreesItsLock() throws Exception {
		Background<MigrationReport> start = Background
			.start(() -> replica(this.database.url()).with(FailingTask.class).startAndStop());
		assertThat(start.failure()).cause().isInstanceOf(SchemaReadyTaskException.class);
		assertThat(this.database.advisoryLocks()).isZero();
	}

	@Test
	void aTaskWhoseLockWasLostIsWarnedOf(CapturedOutput output) {
		replica(this.database.url()).with(TerminatingTask.class).startAndStop();
		assertThat(output).contains("The connection that held the lock for the task \"terminating\" ended before the "
				+ "task did, so another process may have run it at the same time");
	}

	@Test
	void aKilledProcessLeavesTheLockOfItsTaskToTheNextOne() throws Exception {
		Replica replica = replica(this.database.url());
		try (Connection gate = this.database.gate();
				ReplicaProcess process = ReplicaProcess.start(GatedProcess.class, replica)) {
			this.database.awaitMigrationAtTheGate();
			assertThat(this.database.list(HOLDER)).hasSize(1);
			process.kill();
		}
		replica.with(GatedTask.class).with("headlock.lock.timeout", "3m").startAndStop();
		assertThat(Recording.of(this.database)).endsWith("begin", "end");
	}

	private Replica replica(String url) {
		return Recording.replica(url, this.migrations);
	}

	/**
	 * An application in a process of its own.
	 */
	@EnableAutoConfiguration
	@Import(GatedTask.class)
	static class GatedProcess {

		public static void main(String[] arguments) {
			SpringApplication.run(GatedProcess.class, arguments);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class GatedTask {

		@Bean
		SchemaReadyTask gated(JdbcTemplate jdbc) {
			return new OneAtATime((status) -> {
				Recording.record(jdbc, "begin");
				jdbc.execute("SELECT pg_advisory_xact_lock(1, 1)");
				Recording.record(jdbc, "end");
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class IndexingTask {

		@Bean
		SchemaReadyTask indexing(JdbcTemplate jdbc) {
			return new OneAtATime((status) -> jdbc.execute("CREATE INDEX CONCURRENTLY ran_what ON ran (what)"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingTask {

		@Bean
		SchemaReadyTask failing() {
			return new OneAtATime((status) -> {
				throw new IllegalStateException("on purpose");
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class TerminatingTask {

		@Bean
		SchemaReadyTask terminating(JdbcTemplate jdbc) {
			return new OneAtATime((status) -> {
				Integer holder = jdbc.queryForObject(HOLDER, Integer.class);
				jdbc.queryForList("SELECT pg_terminate_backend(?)", holder);
				await().until(() -> jdbc.queryForList(HOLDER).isEmpty());
			});
		}

	}

}
