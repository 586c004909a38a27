package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaState;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.TestMigrations;
import io.github.headlock.waiting.StartInterruptedException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is said, and what works, behind a connection pooler.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolerTests {

	private static final String KEY = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	PoolerTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@Tag("every-version")
	@Test
	void manyStatementsNeedNoSettingOfTheDriver(CapturedOutput output) {
		for (int i = 1; i <= 30; i++) {
			this.migrations.file("V%d__many.sql".formatted(i), "CREATE TABLE t%d (id int)".formatted(i));
		}
		assertThat(replica(this.database.pooledUrl()).startAndStop().migrations()).isEqualTo(30);
		assertThat(output).doesNotContain("Connected through a connection pooler");
	}

	/**
	 * The state of every rollout behind a small pool: the lock has one server connection,
	 * the migration the other, and there is none for those who come later.
	 */
	@Tag("every-version")
	@Test
	void replicasThatComeWhileThePoolIsTakenBecomeReady(CapturedOutput output) throws Exception {
		try (PgBouncer pooler = this.database.pooler(2, "query_wait_timeout = 5")) {
			Background<MigrationReport> first;
			List<Background<MigrationReport>> later = new ArrayList<>();
			try (Connection gate = this.database.gate()) {
				first = Background.start(() -> gated(pooler).startAndStop());
				this.database.awaitMigrationAtTheGate();
				for (int i = 0; i < 4; i++) {
					later.add(Background.start(() -> gated(pooler).startAndStop()));
				}
				await().until(() -> output.getOut().contains("takes no connection yet, trying again"));
				assertThat(later).noneMatch(Background::isDone);
			}
			assertThat(first.result().migrations()).isEqualTo(2);
			for (Background<MigrationReport> replica : later) {
				assertThat(replica.result().status().state()).isEqualTo(SchemaState.AT_HEAD);
			}
		}
	}

	@Test
	void aWaiterWhosePoolIsTakenCanBeInterrupted() throws Exception {
		try (PgBouncer pooler = this.database.pooler(2); Connection gate = this.database.gate()) {
			Background<MigrationReport> first = Background.start(() -> gated(pooler).startAndStop());
			this.database.awaitMigrationAtTheGate();
			Background<MigrationReport> later = Background.start(() -> gated(pooler).startAndStop());
			// The driver's login goes through PgBouncer to a server connection, and there
			// is none.
			await().until(() -> later.isIn("org.postgresql.Driver$ConnectTask"));
			later.interrupt();
			assertThat(later.failure()).hasStackTraceContaining("Interrupted while attempting to connect")
				.cause()
				.isInstanceOf(StartInterruptedException.class);
			gate.rollback();
			first.result();
		}
	}

	@Test
	void aWaiterWhosePoolIsTakenTimesOutWithTheHolderItSaw(CapturedOutput output) throws Exception {
		try (PgBouncer pooler = this.database.pooler(2, "query_wait_timeout = 5");
				Connection holder = this.database.hold(KEY)) {
			Background<MigrationReport> waiter = Background
				.start(() -> gated(pooler).with("headlock.lock.timeout", "15s").startAndStop());
			await().until(() -> output.getOut().contains("it is held by pid"));
			String url = pooler.url(this.database.name());
			try (Connection one = pooled(url); Connection other = pooled(url)) {
				assertThat(waiter.failure()).cause().isInstanceOfSatisfying(LockTimeoutException.class, (ex) -> {
					assertThat(ex.getHolder()).isNotNull();
					assertThat(ex.getSuppressed()).isNotEmpty();
				});
			}
		}
	}

	private static Connection pooled(String url) throws SQLException {
		Connection connection = DriverManager.getConnection(url + "?prepareThreshold=0", "postgres", "");
		connection.setAutoCommit(false);
		connection.createStatement().execute("SELECT 1");
		return connection;
	}

	private Replica gated(PgBouncer pooler) {
		return Replica.of(pooler.url(this.database.name()), "gated");
	}

	@Test
	void sessionSettingsAreWarnedOf(CapturedOutput output) {
		this.migrations.file("V1__a.sql", "SELECT 1");
		replica(this.database.pooledUrl() + "?prepareThreshold=1").with("spring.flyway.default-schema", "other")
			.with("spring.flyway.init-sqls", "SELECT 1")
			.startAndStop();
		assertThat(output)
			.contains("Connected through a connection pooler: Flyway sets search_path to schema \"other\"",
					"Connected through a connection pooler: what spring.flyway.init-sqls sets")
			.doesNotContain("prepares statements");
	}

	@Test
	void serverPreparedStatementsOfAPoolThatIsUsedAsItIsAreWarnedOf() {
		HistoryTable table = new HistoryTable("public", "flyway_schema_history");
		assertThat(PoolerWarnings.of(new ServerFacts("PostgreSQL", "public", "shop", null, "me", true, true), table,
				false, false))
			.containsExactly("the driver prepares statements on the server, which PgBouncer before 1.21 cannot do; "
					+ "add prepareThreshold=0 to the JDBC URL");
	}

	@Test
	void callbacksThatNeedAThirdConnectionAreWarnedOf() {
		HistoryTable table = new HistoryTable("public", "flyway_schema_history");
		assertThat(PoolerWarnings.of(new ServerFacts("PostgreSQL", "public", "shop", null, "me", true, false), table,
				false, true))
			.containsExactly("the callbacks around the migration run on a connection of their own, so it takes three "
					+ "server connections instead of two");
	}

	@Test
	void aPoolerInStatementModeIsRefusedAtOnce() throws Exception {
		try (PgBouncer pooler = this.database.pooler(2, "pool_mode = statement")) {
			Background<MigrationReport> start = Background.start(() -> gated(pooler).startAndStop());
			assertThat(start.failure()).cause()
				.isInstanceOf(DatabaseUnavailableException.class)
				.hasMessageContaining("statement pooling mode");
		}
	}

	@Test
	void nothingIsWarnedOfWithoutAPooler(CapturedOutput output) {
		this.migrations.file("V1__a.sql", "SELECT 1");
		assertThat(replica(this.database.url()).with("spring.flyway.default-schema", "other").startAndStop().outcome())
			.isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(output).doesNotContain("Connected through a connection pooler");
	}

	private Replica replica(String url) {
		return Replica.of(url, "none").with("spring.flyway.locations", this.migrations.location());
	}

}
