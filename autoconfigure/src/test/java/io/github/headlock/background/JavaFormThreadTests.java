package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * For how long, and by whom, the code of a background migration is called.
 */
@Tag("every-postgresql")
class JavaFormThreadTests {

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 3000);

	/** Each of its statements is short. */
	@Test
	void codeThatDoesNotEndIsGivenUp() throws Exception {
		List<Integer> sizes = new ArrayList<>();
		BackgroundDefinition definition = DeclarationBean.read("code",
				BackgroundMigration.of(JavaFormTests.CUSTOMER, (batch) -> {
					sizes.add(JavaFormTests.ids(batch).size());
					while (sizes.size() < 3) {
						batch.jdbc().execute("SELECT pg_sleep(0.01)");
					}
					return JavaFormTests.fill(batch);
				}), Duration.ofMillis(300));
		this.customers.register(definition);
		BackgroundWork work = this.customers.work(definition, Customers.settings(1, Duration.ofMillis(300)));
		for (Step step = null; step == null || step.kind() != Kind.ENDED;) {
			try (Connection connection = this.customers.connect()) {
				do {
					step = work.step(connection);
				}
				while (step.kind() != Kind.ENDED);
			}
			catch (SQLException ex) {
				assertThat(sizes).hasSizeLessThan(3);
			}
		}
		int first = sizes.get(0);
		assertThat(sizes.subList(0, 3)).containsExactly(first, first / 2, first / 4);
		assertThat(this.customers.count("times = 1")).isEqualTo(3000);
	}

	/** Such as for a start that would end for any other failure. */
	@Test
	void codeThatThrowsAfterItsConnectionWasClosedHasLostIt() throws Exception {
		BackgroundDefinition definition = DeclarationBean.read("code",
				BackgroundMigration.of(JavaFormTests.CUSTOMER, (batch) -> {
					try {
						while (true) {
							batch.jdbc().execute("SELECT pg_sleep(0.01)");
						}
					}
					catch (DataAccessException ex) {
						throw new IllegalStateException("gave up");
					}
				}), Duration.ofMillis(300));
		this.customers.register(definition);
		BackgroundWork work = this.customers.work(definition, Customers.settings(1, Duration.ofMillis(300)));
		try (Connection connection = this.customers.connect()) {
			work.step(connection);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> work.step(connection))
				.satisfies((ex) -> assertThat(BatchFailure.of(ex)).isEqualTo(BatchFailure.CONNECTION))
				.withStackTraceContaining("gave up");
		}
	}

	/** An operator may try it while it is worked on. */
	@Test
	void codeIsCalledByOneThreadAtATime() throws Exception {
		AtomicInteger inside = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		BackgroundDefinition definition = JavaFormTests.definition((batch) -> {
			most.accumulateAndGet(inside.incrementAndGet(), Math::max);
			begun.countDown();
			end.await();
			int rows = JavaFormTests.fill(batch);
			inside.decrementAndGet();
			return rows;
		});
		this.customers.register(definition);
		BackgroundWork work = this.customers.work(definition);
		try (Connection connection = this.customers.connect(); Connection operators = this.customers.connect()) {
			work.step(connection);
			Background<Step> step = Background.start(() -> work.step(connection));
			begun.await();
			CompletableFuture<Thread> thread = new CompletableFuture<>();
			Background<BackgroundTrial> trial = Background.start(() -> {
				thread.complete(Thread.currentThread());
				return new BatchTrial(this.customers.store, definition, Duration.ofSeconds(30), "public").run(operators,
						this.customers.progress());
			});
			Thread operator = thread.get();
			await().until(() -> operator.getState() == Thread.State.TIMED_WAITING || most.get() > 1);
			end.countDown();
			assertThat(step.result().kind()).isEqualTo(Kind.WORKED);
			assertThat(trial.result()).returns(1000L, BackgroundTrial::changed).returns(null, BackgroundTrial::problem);
		}
		assertThat(most).hasValue(1);
	}

}
