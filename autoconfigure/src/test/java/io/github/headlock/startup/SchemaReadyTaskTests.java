package io.github.headlock.startup;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;

import javax.sql.DataSource;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * When tasks run, and when they do not.
 */
@ExtendWith(OutputCaptureExtension.class)
class SchemaReadyTaskTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	private final Replica replica;

	SchemaReadyTaskTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.replica = Recording.replica(this.database.url(), this.migrations).with(OneTask.class);
	}

	@Tag("every-version")
	@Test
	void tasksRunWhenThisProcessMigratedAndWhenThereWasNothingToDo() {
		assertThat(this.replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
		assertThat(Recording.of(this.database)).containsExactly("seed AT_HEAD 1");
		assertThat(this.replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(Recording.of(this.database)).containsExactly("seed AT_HEAD 1", "seed AT_HEAD 1");
	}

	@Test
	void tasksRunWhenAnotherProcessMigrated(CapturedOutput output) throws Exception {
		this.replica.startAndStop();
		this.database.execute("ALTER TABLE flyway_schema_history RENAME TO hidden");
		try (Connection holder = this.database
			.hold(String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey()))) {
			Background<MigrationReport> waiter = Background.start(this.replica::startAndStop);
			await().until(() -> output.getOut().contains("Waiting for the migration lock"));
			this.database.execute("ALTER TABLE hidden RENAME TO flyway_schema_history");
			assertThat(waiter.result().outcome()).isEqualTo(MigrationOutcome.WAITED);
		}
		assertThat(Recording.of(this.database)).hasSize(2);
	}

	@Test
	void onASchemaAheadTasksAreToldSo() {
		this.migrations.file("V2__later.sql", "SELECT 1");
		this.replica.startAndStop();
		this.migrations.delete("V2__later.sql");
		this.replica.startAndStop();
		assertThat(Recording.of(this.database)).containsExactly("seed AT_HEAD 2", "seed AHEAD 2");
	}

	@Test
	void aProcessThatSkipsMigrationsRunsTasksOnlyOnASchemaThatIsReady(CapturedOutput output) {
		this.replica.startAndStop();
		this.replica.with("headlock.skip-migrations", true).startAndStop();
		assertThat(Recording.of(this.database)).hasSize(2);
		this.migrations.file("V2__later.sql", "SELECT 1");
		assertThat(this.replica.startAndStop().isSchemaReady()).isFalse();
		assertThat(output)
			.contains("The tasks [seed] are not run: this process skips migrations, and the schema is BEHIND");
		assertThat(Recording.of(this.database)).hasSize(2);
	}

	@Test
	void tasksRunInOrderBeforeTheRunners() {
		this.replica.with(MoreTasks.class).startAndStop();
		assertThat(Recording.of(this.database)).containsExactly("first", "second", "seed AT_HEAD 1", "runner");
	}

	@Test
	void tasksRunOnceEvenWhenTheContextStartsAgain() {
		try (ConfigurableApplicationContext context = this.replica.start()) {
			context.stop();
			context.start();
			assertThat(Recording.of(this.database)).hasSize(1);
		}
	}

	@Test
	void tasksRunAlthoughBeansAreCreatedOnlyWhenAskedFor() {
		this.replica.with("spring.main.lazy-initialization", true).startAndStop();
		assertThat(Recording.of(this.database)).containsExactly("seed AT_HEAD 1");
	}

	@Test
	void aTaskThatFailsEndsTheStartWithItsNameAndTheNextOnesDoNotRun() {
		this.replica.with(FailingTask.class).with(MoreTasks.class);
		assertThatExceptionOfType(Exception.class).isThrownBy(this.replica::start)
			.havingCause()
			.isInstanceOf(SchemaReadyTaskException.class)
			.withMessage("The schema is ready, but the task \"broken\" (%s) failed: java.io.IOException: on purpose"
				.formatted(FailingTask.Broken.class.getName()))
			.withRootCauseInstanceOf(IOException.class);
		assertThat(Recording.of(this.database)).containsExactly("first");
	}

	@Test
	void withoutHeadlockTasksRunOnceFlywayHasMigrated(CapturedOutput output) {
		try (ConfigurableApplicationContext context = this.replica.plain()
			// alone, Flyway hangs with less
			.with("spring.datasource.hikari.maximum-pool-size", 3)
			.with("spring.main.lazy-initialization", true)
			.with(AloneTask.class)
			.start()) {
			assertThat(Recording.of(this.database)).containsExactlyInAnyOrder("seed UNKNOWN null",
					"alone UNKNOWN null");
		}
		assertThat(output).containsOnlyOnce("The task \"alone\" is to be run by one process at a time, but Headlock "
				+ "is not active, so nothing keeps others from running it now");
	}

	@Test
	void onAnotherDatabaseTasksRunOnceFlywayHasMigrated(CapturedOutput output) {
		new ApplicationContextRunner().withUserConfiguration(Replica.Application.class, AloneTaskOnH2.class)
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:tasks", "spring.flyway.locations=classpath:db/h2")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).contains("Headlock is not active: the database is not PostgreSQL")
					.contains("The task \"alone\" is to be run by one process at a time, but Headlock is not active")
					.contains("Task \"alone\" done, took ");
			});
	}

	@Test
	void withoutFlywayTasksAreNotRunAndTheLogSaysSo(CapturedOutput output) {
		this.database.execute("CREATE TABLE ran (id int, what text)");
		try (ConfigurableApplicationContext context = this.replica.with("spring.flyway.enabled", false).start()) {
			assertThat(output)
				.contains("The tasks [seed] are not run: the application has no Flyway that Spring Boot migrates with");
			assertThat(Recording.of(this.database)).isEmpty();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class OneTask {

		@Bean
		SchemaReadyTask seed(JdbcTemplate jdbc) {
			return (status) -> Recording.record(jdbc, "seed", status);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MoreTasks {

		@Bean
		ApplicationRunner runner(JdbcTemplate jdbc) {
			return (arguments) -> Recording.record(jdbc, "runner");
		}

		@Bean
		@Order(20)
		SchemaReadyTask second(JdbcTemplate jdbc) {
			return (status) -> Recording.record(jdbc, "second");
		}

		@Bean
		@Order(10)
		SchemaReadyTask first(JdbcTemplate jdbc) {
			return (status) -> Recording.record(jdbc, "first");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingTask {

		@Bean
		@Order(15)
		SchemaReadyTask broken() {
			return new Broken();
		}

		static final class Broken implements SchemaReadyTask {

			@Override
			public void run(SchemaStatus status) throws IOException {
				throw new IOException("on purpose");
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AloneTask {

		@Bean
		SchemaReadyTask alone(JdbcTemplate jdbc) {
			return new OneAtATime((status) -> Recording.record(jdbc, "alone", status));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AloneTaskOnH2 {

		@Bean
		SchemaReadyTask alone(DataSource dataSource) {
			return new OneAtATime((status) -> new JdbcTemplate(dataSource).queryForList("SELECT * FROM thing"));
		}

	}

}
