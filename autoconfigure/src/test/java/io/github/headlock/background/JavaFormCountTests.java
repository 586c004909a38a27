package io.github.headlock.background;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of the number of rows that the code of a background migration says it has
 * changed.
 */
class JavaFormCountTests {

	private final TestDatabase database = TestDatabase.create();

	private final Customers customers = Customers.create(this.database, 3000);

	/** Passes would follow one another for ever. */
	@Test
	void codeThatCountsWhatItHasNotChangedEnds() throws Exception {
		this.customers.run(JavaFormTests.definition((batch) -> JavaFormTests.ids(batch).size()));
		assertThat(this.customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.returns(0L, Progress::rowsChanged);
		assertThat(this.customers.failedRows()).hasSize(10)
			.allMatch((row) -> row.endsWith("the migration does not change the row"));
	}

	/** As many rows match after the batch as before it, and other ones. */
	@Test
	void rowsThatComeToNeedItMeanwhileDoNotHideWhatWasChanged() throws Exception {
		this.database.execute("UPDATE customer SET full_name = 'done' WHERE id <> 1500");
		AtomicInteger calls = new AtomicInteger();
		this.customers.run(JavaFormTests.definition((batch) -> {
			int changed = JavaFormTests.fill(batch);
			if (calls.incrementAndGet() == 1) {
				this.database.execute("UPDATE customer SET full_name = NULL WHERE id = 1600");
			}
			return changed;
		}));
		assertThat(this.customers.count("times = 1")).isEqualTo(2);
		assertThat(this.customers.progress()).returns(BackgroundState.FINISHED, Progress::state)
			.returns(2L, Progress::rowsChanged);
	}

	/** What was undone in a subtransaction is not changed either. */
	@Test
	void codeThatCountsWhatItHasUndoneEnds() throws Exception {
		this.customers.run(JavaFormTests.definition((batch) -> {
			batch.jdbc().execute("SAVEPOINT before_rows");
			int changed = JavaFormTests.fill(batch);
			batch.jdbc().execute("ROLLBACK TO SAVEPOINT before_rows");
			return changed;
		}));
		assertThat(this.customers.progress()).returns(BackgroundState.FAILED, Progress::state)
			.returns(0L, Progress::rowsChanged);
	}

	@Test
	void codeThatCountsTooLittleEndsAsWell() throws Exception {
		this.customers.run(JavaFormTests.definition((batch) -> {
			JavaFormTests.fill(batch);
			return 0;
		}));
		assertThat(this.customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(this.customers.count("times = 1")).isEqualTo(3000);
	}

	/** Whether a row is done is decided by a look at it. */
	@Test
	void codeThatCountsTooLittleFailsForNoRowThatWasLocked() throws Exception {
		BackgroundDefinition definition = JavaFormTests.definition((batch) -> {
			JavaFormTests.fill(batch);
			return 0;
		});
		this.customers.register(definition);
		BackgroundWork work = this.customers.work(definition);
		try (Connection connection = this.customers.connect()) {
			try (Connection other = this.database.inTransaction("SELECT FROM customer WHERE id = 5 FOR UPDATE")) {
				for (Step step = Step.PREPARED; step.kind() != Kind.ROWS_LOCKED;) {
					step = work.step(connection);
				}
				other.rollback();
			}
			work.waitForRemaining(connection, Duration.ofSeconds(10));
		}
		assertThat(this.customers.count("times = 1")).isEqualTo(3000);
		assertThat(this.customers.failedRows()).isEmpty();
	}

	@Test
	void aNegativeNumberIsRefused() throws Exception {
		this.customers.run(JavaFormTests.definition((batch) -> -1));
		assertThat(this.customers.progress().lastError()).contains("says that it changed -1 rows");
	}

}
