package io.github.headlock.startup;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;

import io.github.headlock.MigrationReport;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The task that the page on startup tasks shows.
 */
class StartupTasksPageTests {

	private static final int REPLICAS = 4;

	private final TestDatabase database = TestDatabase.create();

	@Test
	void howeverManyReplicasStartThereIsOneAdministrator(@TempDir Path folder) throws Exception {
		TestMigrations migrations = new TestMigrations(folder);
		migrations.file("V1__accounts.sql", "CREATE TABLE account (name text)");
		Replica replica = Replica.of(this.database.url(), "none")
			.with("spring.flyway.locations", migrations.location())
			.with(Tasks.class);
		List<Background<MigrationReport>> starts;
		try (Connection blocker = migrated(replica).inTransaction("LOCK TABLE account IN ACCESS EXCLUSIVE MODE")) {
			starts = Stream.generate(() -> Background.start(replica::startAndStop)).limit(REPLICAS).toList();
			this.database.awaitBlockedBy(blocker);
			blocker.rollback();
		}
		for (Background<MigrationReport> start : starts) {
			start.result();
		}
		assertThat(this.database.list("SELECT name FROM account")).containsExactly("administrator");
	}

	/** The tables without the administrator. */
	private TestDatabase migrated(Replica replica) {
		replica.startAndStop();
		this.database.execute("TRUNCATE account");
		return this.database;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	@Import({ Accounts.class, FirstAdministrator.class })
	static class Tasks {

	}

}
