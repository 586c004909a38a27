package io.github.headlock.background;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundMigration.Change;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Batches of code that operators try.
 */
class JavaFormTrialTests {

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 10);

	private BackgroundTrial trial(Change change) throws Exception {
		return trial(change, Duration.ofSeconds(30));
	}

	private BackgroundTrial trial(Change change, Duration batchTimeout) throws Exception {
		BackgroundDefinition definition = DeclarationBean.read("code",
				BackgroundMigration.of(JavaFormTests.CUSTOMER, change), batchTimeout);
		this.customers.register(definition);
		try (Connection operators = this.customers.connect()) {
			return new BatchTrial(this.customers.store, definition, batchTimeout, "public").run(operators,
					this.customers.progress());
		}
	}

	@Test
	void whatTheCodeHasCommittedIsNotSaidToBeRolledBack() throws Exception {
		BackgroundTrial trial = trial((batch) -> {
			int rows = JavaFormTests.fill(batch);
			batch.jdbc().execute("COMMIT");
			return rows;
		});
		assertThat(this.customers.count("times = 1")).isEqualTo(10);
		assertThat(trial.note()).isEqualTo("Not rolled back: its code has committed what it did before");
	}

	@Test
	void whatTheCodeHasCommittedBeforeItFailsIsNotEither() throws Exception {
		BackgroundTrial trial = trial((batch) -> {
			JavaFormTests.fill(batch);
			batch.jdbc().execute("COMMIT");
			throw new IllegalStateException("no");
		});
		assertThat(trial.note()).isEqualTo("Not rolled back: its code has committed what it did before");
	}

	@Test
	void codeThatTakesLongerThanABatchMayHasFailed() throws Exception {
		BackgroundTrial trial = trial((batch) -> {
			batch.jdbc().execute("SELECT pg_sleep(3.1)");
			batch.jdbc().execute("SELECT pg_sleep(3.1)");
			return JavaFormTests.fill(batch);
		}, Duration.ofSeconds(6));
		assertThat(trial.changed()).isNull();
		assertThat(trial.problem()).matches(
				"The batch took [678]\\.\\d s, and may take headlock\\.background\\.batch-timeout at most \\(SQLSTATE 57014\\)");
		assertThat(trial.note()).isEqualTo("Rolled back: nothing was changed");
	}

	@Test
	void codeThatWaitsForSomethingElseIsInterrupted() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		Background<BackgroundTrial> trial = Background.start(() -> {
			BackgroundTrial result = trial((batch) -> {
				never.await();
				return 0;
			}, Duration.ofSeconds(1));
			assertThat(Thread.currentThread().isInterrupted()).as("only its code was interrupted").isFalse();
			return result;
		});
		assertThat(trial.result().changed()).isNull();
		assertThat(trial.result().problem()).contains("InterruptedException");
	}

	@Test
	void anInterruptOfSomebodyElseIsKept() throws Exception {
		Background<Boolean> interrupted = Background.start(() -> {
			trial((batch) -> {
				throw new InterruptedException("of a library");
			});
			return Thread.currentThread().isInterrupted();
		});
		assertThat(interrupted.result()).isTrue();
	}

}
