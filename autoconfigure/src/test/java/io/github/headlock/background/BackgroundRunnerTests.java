package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Change;
import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.SchemaState;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The thread that works on background migrations.
 */
@Tag("every-postgresql")
class BackgroundRunnerTests {

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 100);

	private @Nullable BackgroundRunner runner;

	@AfterEach
	void close() {
		if (this.runner != null) {
			this.runner.close();
		}
	}

	private static BackgroundMigration migration(String name, Change change) {
		return BackgroundMigration.of(Definition.of(name).table("customer").since("1").where("full_name IS NULL"),
				change);
	}

	private static int fill(BackgroundMigration.Batch batch) {
		return batch.jdbc().update("UPDATE customer SET full_name = 'x' WHERE " + batch.condition(), batch.arguments());
	}

	private BackgroundRunner runner(DataSource source, Map<String, BackgroundMigration> beans) {
		BackgroundMigrations migrations = BackgroundMigrations.load(List.of(),
				new PathMatchingResourcePatternResolver(), beans, Customers.settings());
		BackgroundRunner runner = new BackgroundRunner(migrations,
				MigrationConnections.of(Flyway.configure().dataSource(source).load().getConfiguration()),
				Customers.HISTORY, MigrationVersion.fromVersion("1"), (connection) -> SchemaState.AT_HEAD);
		this.runner = runner;
		return runner;
	}

	private DataSource source() {
		return new DriverManagerDataSource(this.database.url(), "postgres", "");
	}

	private boolean areFinished(int number) {
		if (this.database.value("SELECT to_regclass('flyway_schema_history_background_batch') IS NULL").equals("t")) {
			return false;
		}
		return this.database.list("SELECT name FROM flyway_schema_history_background WHERE state = 'finished'")
			.size() == number;
	}

	private static Thread thread() {
		List<Thread> found = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("headlock-background"))
			.toList();
		assertThat(found).hasSize(1);
		return found.get(0);
	}

	/** It may still be about to open a connection, and nothing ends that. */
	@Test
	void aThreadThatWasStoppedDoesNotGoOnWhenAnotherOneIsStarted() throws Exception {
		CountDownLatch opens = new CountDownLatch(1);
		CountDownLatch answered = new CountDownLatch(1);
		AtomicInteger opened = new AtomicInteger();
		DataSource slow = new DelegatingDataSource(source()) {

			@Override
			public Connection getConnection() throws SQLException {
				if (opened.incrementAndGet() == 1) {
					opens.countDown();
					awaitWhateverHappens(answered);
				}
				return super.getConnection();
			}

		};
		BackgroundRunner runner = runner(slow, Map.of("one", migration("one", BackgroundRunnerTests::fill)));
		runner.start();
		opens.await();
		Thread first = thread();
		runner.close();
		runner.start();
		answered.countDown();
		// one that goes on pauses for half a minute at least
		await().atMost(Duration.ofSeconds(20)).until(() -> !first.isAlive());
		await().until(() -> areFinished(1));
	}

	private static void awaitWhateverHappens(CountDownLatch latch) {
		while (latch.getCount() > 0) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				// as a driver does
			}
		}
	}

	@Test
	void anInterruptThatNobodyHasAskedForDoesNotEndIt() {
		AtomicInteger calls = new AtomicInteger();
		BackgroundRunner runner = runner(source(), Map.of("one", migration("one", (batch) -> {
			if (calls.incrementAndGet() == 1) {
				throw new InterruptedException("of a library");
			}
			return fill(batch);
		})));
		runner.start();
		await().until(() -> areFinished(1));
		assertThat(calls.get()).isGreaterThan(1);
	}

	@Test
	void whatIsToBeFinishedSoonGoesFirst() throws Exception {
		List<String> calls = new CopyOnWriteArrayList<>();
		this.database.execute("CREATE TABLE customer_2 AS SELECT * FROM customer",
				"ALTER TABLE customer_2 ADD PRIMARY KEY (id)");
		BackgroundMigration first = migration("first", (batch) -> {
			calls.add("first");
			return fill(batch);
		});
		BackgroundMigration second = BackgroundMigration
			.of(Definition.of("second").table("customer_2").since("1").where("full_name IS NULL"), (batch) -> {
				calls.add("second");
				return batch.jdbc()
					.update("UPDATE customer_2 SET full_name = 'x' WHERE " + batch.condition(), batch.arguments());
			});
		this.customers.register(DeclarationBean.read("second", second, Duration.ofSeconds(30)));
		this.database.execute("UPDATE flyway_schema_history_background SET full_speed = true");
		runner(source(), Map.of("first", first, "second", second)).start();
		await().until(() -> areFinished(2));
		assertThat(calls).containsExactly("second", "first");
	}

}
