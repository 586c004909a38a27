package io.github.headlock.roles;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.github.headlock.testbed.MigrationRoles;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application at work while its role is blocked.
 */
@Tag("every-postgresql")
class ClientPoolTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestRoles roles = TestRoles.create(this.database);

	private final TestMigrations migrations;

	private final AtomicInteger numbers = new AtomicInteger();

	private final Queue<Integer> committed = new ConcurrentLinkedQueue<>();

	private final Queue<SQLException> failures = new ConcurrentLinkedQueue<>();

	private volatile boolean stopped;

	ClientPoolTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__a.sql", "CREATE TABLE work (id int PRIMARY KEY); GRANT SELECT, INSERT ON work TO "
				+ MigrationRoles.quoted(this.roles.application()));
	}

	@Test
	void aPoolFailsCleanlyThenRecoversAndLosesNothing() throws Exception {
		work(this.database.url());
	}

	@Test
	void clientsOfAPoolerRecoverWithoutItsRestart() throws Exception {
		try (PgBouncer pooler = this.database.pooler(4, "server_login_retry = 1")) {
			pooler.allow(this.roles.application(), this.roles.migrator());
			work(pooler.url(this.database.name()));
		}
	}

	private void work(String url) throws Exception {
		this.roles.replica(url, "none").with("spring.flyway.locations", this.migrations.location()).startAndStop();
		this.migrations.file("V2__b.sql", "SELECT pg_advisory_xact_lock(1, 1); ALTER TABLE work ADD COLUMN b int");
		List<Background<Boolean>> workers = new ArrayList<>();
		try (HikariDataSource pool = pool(url)) {
			for (int i = 0; i < 4; i++) {
				workers.add(Background.start(() -> insertUntilStopped(pool)));
			}
			try {
				migrateWithoutTheApplication(url);
			}
			finally {
				this.stopped = true;
			}
			for (Background<Boolean> worker : workers) {
				assertThat(worker.result()).isTrue();
			}
		}
		Set<String> stored = new HashSet<>(this.database.list("SELECT id FROM work"));
		assertThat(this.committed).extracting(String::valueOf).allMatch(stored::contains);
	}

	private void migrateWithoutTheApplication(String url) throws Exception {
		try (Connection gate = this.database.gate()) {
			await().until(() -> this.committed.size() > 100);
			Background<MigrationReport> start = Background.start(() -> blocking(url).startAndStop());
			this.database.awaitMigrationAtTheGate();
			assertThat(this.roles.sessions()).isZero();
			int rows = rows();
			this.failures.clear();
			await().until(() -> this.failures.size() > 4);
			assertThat(rows()).isEqualTo(rows);
			gate.rollback();
			assertThat(start.result().terminatedSessions()).isPositive();
			int before = this.committed.size();
			await().until(() -> this.committed.size() > before + 100);
		}
	}

	private int rows() {
		return Integer.parseInt(this.database.value("SELECT count(*) FROM work"));
	}

	private Replica blocking(String url) {
		return this.roles.blockingReplica(url, "none").with("spring.flyway.locations", this.migrations.location());
	}

	/** Any failure but an SQLException ends it. */
	private boolean insertUntilStopped(HikariDataSource pool) {
		while (!this.stopped) {
			int number = this.numbers.incrementAndGet();
			try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
				connection.setAutoCommit(false);
				statement.execute("INSERT INTO work (id) VALUES (%d)".formatted(number));
				connection.commit();
				this.committed.add(number);
			}
			catch (SQLException ex) {
				this.failures.add(ex);
			}
		}
		return true;
	}

	private HikariDataSource pool(String url) {
		HikariConfig configuration = new HikariConfig();
		configuration.setJdbcUrl(url + "?prepareThreshold=0");
		configuration.setUsername(this.roles.application());
		configuration.setMaximumPoolSize(3);
		configuration.setConnectionTimeout(1000);
		return new HikariDataSource(configuration);
	}

}
