package io.github.headlock.background;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Batch;
import io.github.headlock.BackgroundMigration.Change;
import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.BeanUtils;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Code that fails in ways that say nothing of the connection of its batch.
 */
class JavaFormFailureTests {

	private static final Definition CUSTOMER = Definition.of("backfill")
		.table("customer")
		.since("1")
		.where("full_name IS NULL");

	private final TestDatabase database = TestDatabase.create();

	/** What Kotlin throws for TODO() is one. */
	@ParameterizedTest
	@ValueSource(classes = { Error.class, OutOfMemoryError.class, StackOverflowError.class })
	void anErrorIsTheFailureOfABatch(Class<? extends Error> type) throws Exception {
		assertThat(afterABatch((batch) -> {
			throw BeanUtils.instantiateClass(type.getConstructor(String.class), "not written yet");
		})).returns(type.getName() + ": not written yet", Progress::lastError);
	}

	@Test
	void anotherDatabaseThatCannotBeReachedIsTheFailureOfABatch() throws Exception {
		assertThat(afterABatch((batch) -> {
			try (Connection other = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:1/other", "me", "")) {
				return other.isClosed() ? 0 : 1;
			}
		}).lastError()).startsWith("Connection to 127.0.0.1:1 refused");
	}

	@Test
	void whatNoTransactionMayContainIsTheFailureOfABatch() throws Exception {
		assertThat(afterABatch((batch) -> {
			batch.jdbc().execute("VACUUM customer");
			return 0;
		}).lastError()).startsWith("VACUUM cannot run inside a transaction block");
	}

	private Progress afterABatch(Change change) throws Exception {
		Customers customers = Customers.create(this.database, 10);
		BackgroundDefinition definition = DeclarationBean.read("code", BackgroundMigration.of(CUSTOMER, change),
				Duration.ofSeconds(30));
		customers.register(definition);
		BackgroundWork work = customers.work(definition);
		try (Connection connection = customers.connect()) {
			work.step(connection);
			work.step(connection);
		}
		return customers.progress();
	}

	@Test
	void codeThatLeavesItsThreadInterruptedIsCalledForTheNextBatch(@TempDir Path folder) throws Exception {
		Releases releases = new Releases(this.database, folder).second();
		releases.background.delete("backfill.sql");
		releases.idle().with(Interrupted.class).startAndStop();
		releases.insert(1, 2_000);
		try (ConfigurableApplicationContext context = releases.replica().with(Interrupted.class).start()) {
			await().until(() -> releases.count("times = 1") == 2_000);
			assertThat(context.isActive()).isTrue();
		}
	}

	private static int fill(Batch batch) {
		int rows = batch.jdbc()
			.update("UPDATE customer SET full_name = 'x', times = times + 1 WHERE " + batch.condition(),
					batch.arguments());
		Thread.currentThread().interrupt();
		return rows;
	}

	@Configuration(proxyBeanMethods = false)
	static class Interrupted {

		@Bean
		BackgroundMigration backfill() {
			return BackgroundMigration.of(
					Definition.of("backfill").table("customer").since("2").where("full_name IS NULL"),
					JavaFormFailureTests::fill);
		}

	}

}
