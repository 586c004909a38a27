package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.HeadlockLog;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Sessions and locks that keep a process from restoring roles, seen by each look or just
 * before it acts.
 */
@Tag("every-postgresql")
class RoleRestoreSessionTests {

	private static final String RECORD = "flyway_schema_history_blocked_roles";

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final HeadlockLog log = HeadlockLog.open();

	private final TestMigrations migrations;

	private final RoleRestoreWatch watch = LeftOverBlock.watch(source(), Duration.ZERO);

	RoleRestoreSessionTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE a (id int)");
	}

	@BeforeEach
	void migrateToTheFirstVersion() {
		blocking().startAndStop();
	}

	@AfterEach
	void closeLog() {
		this.log.close();
	}

	@Test
	void whileTheSessionOfTheMigrationIsThereNothingIsDone() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		try (Connection session = this.database.connect()) {
			this.database.execute(
					"""
							UPDATE %s SET (backend_pid, backend_start, backend_role) = (SELECT pid, backend_start, usesysid FROM pg_stat_activity
							WHERE pid = %s)"""
						.formatted(RECORD, pid(session)));
			LeftOverBlock.lookSeveralTimes(this.watch);
			assertThat(this.roles.canLogIn()).isFalse();
		}
		LeftOverBlock.awaitRestore(this.watch, this.roles);
	}

	@Test
	void aLaterSessionWithTheSameProcessIdIsAnother() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		try (Connection session = this.database.connect()) {
			this.database.execute(
					"""
							UPDATE %s SET (backend_pid, backend_start, backend_role) = (SELECT pid, backend_start - interval '1 us', usesysid
							FROM pg_stat_activity WHERE pid = %s)"""
						.formatted(RECORD, pid(session)));
			// whose start is hidden otherwise
			this.database.execute("GRANT pg_read_all_stats TO " + this.roles.migrator());
			this.watch.look();
			this.watch.look();
			LeftOverBlock.assertRestored(this.roles);
		}
	}

	@Test
	void aSessionOfAnotherRoleWithTheSameProcessIdIsAnother() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		try (Connection session = this.database.connect()) {
			// its start is hidden from the role that looks
			this.database.execute("""
					UPDATE %s SET backend_pid = %s, backend_start = now(),
					backend_role = '%s'::regrole""".formatted(RECORD, pid(session), this.roles.migrator()));
			this.watch.look();
			this.watch.look();
			LeftOverBlock.assertRestored(this.roles);
		}
	}

	@Test
	void whileAStatementOfTheMigratingRoleLastsNothingIsDone() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		try (Connection session = DriverManager.getConnection(this.database.url(), this.roles.migrator(), "")) {
			Background<Boolean> atWork = Background
				.start(() -> session.createStatement().execute("SELECT pg_sleep(60)"));
			await().atMost(Duration.ofSeconds(40))
				.until(() -> !this.database
					.list("SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active' ".formatted(pid(session))
							+ "AND query_start < clock_timestamp() - interval '10 s'")
					.isEmpty());
			LeftOverBlock.lookSeveralTimes(this.watch);
			assertThat(this.roles.canLogIn()).isFalse();
			this.database.value("SELECT pg_cancel_backend(?::int)", pid(session));
			assertThat(atWork.failure()).isNotNull();
			LeftOverBlock.awaitRestore(this.watch, this.roles);
		}
	}

	@Test
	void theRecordNamesTheSessionThatMigratesAfterAnotherAttempt() throws Exception {
		this.migrations.file("V2__b.sql", "LOCK TABLE a; SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start;
			try (Connection queue = this.database.inTransaction("SELECT * FROM a")) {
				start = Background.start(() -> blocking().with("headlock.ddl.lock-timeout", "200ms").startAndStop());
				await().until(() -> this.log.messages().stream().anyMatch((line) -> line.contains("was rolled back")));
				queue.rollback();
			}
			String pid = this.database.awaitMigrationAtTheGate();
			assertThat(this.database.value(
					"SELECT j.backend_pid FROM %s j JOIN pg_stat_activity a ON a.pid = j.backend_pid AND a.backend_start = j.backend_start"
						.formatted(RECORD)))
				.isEqualTo(pid);
			LeftOverBlock.lookSeveralTimes(this.watch);
			assertThat(this.roles.canLogIn()).isFalse();
			gate.rollback();
			assertThat(start.result().migrations()).isOne();
		}
		LeftOverBlock.assertRestored(this.roles);
	}

	@Test
	void behindAPoolerNoSessionIsRecorded() throws Exception {
		this.database.allowThroughPooler(this.roles.migrator(), this.roles.application());
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1)");
		try (Connection gate = this.database.gate()) {
			Background<MigrationReport> start = Background
				.start(() -> blocking().with("spring.flyway.url", this.database.pooledUrl()).startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(this.database.value("SELECT count(*) FROM %s WHERE backend_pid IS NULL".formatted(RECORD)))
				.isEqualTo("1");
			gate.rollback();
			assertThat(start.result().migrations()).isOne();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "SELECT pg_advisory_xact_lock(%2$s)", "UPDATE %1$s SET run = gen_random_uuid()",
			"UPDATE %1$s SET (backend_pid, backend_start, backend_role) = "
					+ "(SELECT pid, backend_start, usesysid FROM pg_stat_activity WHERE pid = pg_backend_pid())" })
	void whatHappensJustBeforeTheLockIsTakenIsSeen(String change) throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		String sql = change.formatted(RECORD, LeftOverBlock.HISTORY.fenceKey());
		AtomicInteger locks = new AtomicInteger();
		try (Connection other = this.database.connect()) {
			RoleRestoreWatch late = LeftOverBlock.watch(new StatementListener(source(), (statement) -> {
				if (statement.contains("try_advisory_xact_lock(" + LeftOverBlock.HISTORY.lockKey())
						&& locks.incrementAndGet() == 1) {
					other.setAutoCommit(!sql.contains("advisory"));
					other.createStatement().execute(sql);
				}
			}), Duration.ZERO);
			late.look();
			late.look();
			assertThat(locks).hasValue(1);
			assertThat(this.roles.canLogIn()).isFalse();
		}
		LeftOverBlock.awaitRestore(this.watch, this.roles);
	}

	private static String pid(Connection connection) throws Exception {
		return String.valueOf(connection.unwrap(PGConnection.class).getBackendPID());
	}

	@Test
	void aStartThatGetsTheLockDuringAMigrationLeavesTheBlock() throws Exception {
		LeftOverBlock.leave(this.database, this.roles);
		AtomicInteger locks = new AtomicInteger();
		try (Connection migration = this.database.connect()) {
			migration.setAutoCommit(false);
			ListenedSource.source = new StatementListener(source(), (statement) -> {
				if (statement.contains("try_advisory_xact_lock(" + LeftOverBlock.HISTORY.lockKey())
						&& locks.incrementAndGet() == 1) {
					migration.createStatement()
						.execute("SELECT pg_advisory_xact_lock(%d)".formatted(LeftOverBlock.HISTORY.fenceKey()));
				}
			});
			Background<MigrationReport> start = Background.start(() -> Replica.of(this.database.url(), "none")
				.with("spring.flyway.locations", this.migrations.location())
				.with(ListenedSource.class)
				.startAndStop());
			await().until(() -> start.isDone() || this.log.messages()
				.stream()
				.anyMatch((line) -> line.contains("roles of the application are blocked meanwhile")));
			assertThat(start.isDone()).isFalse();
			assertThat(locks).hasPositiveValue();
			assertThat(this.roles.canLogIn()).isFalse();
			migration.rollback();
			assertThat(start.result().migrations()).isZero();
		}
		LeftOverBlock.assertRestored(this.roles);
	}

	private DataSource source() {
		return new DriverManagerDataSource(this.database.url(), this.roles.migrator(), "");
	}

	private Replica blocking() {
		return this.roles.blockingReplica(this.database.url(), "none")
			.with("spring.flyway.locations", this.migrations.location());
	}

	@Configuration(proxyBeanMethods = false)
	static class ListenedSource {

		private static DataSource source;

		@Bean
		DataSource listenedSource() {
			return source;
		}

	}

}
