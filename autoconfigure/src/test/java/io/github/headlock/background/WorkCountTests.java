package io.github.headlock.background;

import java.sql.Connection;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a process counts of its work.
 */
class WorkCountTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private final TestDatabase database = TestDatabase.create();

	private final WorkCount count = new WorkCount();

	private void run(Customers customers) throws Exception {
		customers.register(COUNT_UP);
		BackgroundWork work = new BackgroundWork(customers.store, COUNT_UP, Customers.settings(), Pace.WITH_PAUSES,
				Customers.HISTORY, this.count);
		try (Connection connection = customers.connect()) {
			Step step = Step.PREPARED;
			while (step.kind() != Kind.ENDED) {
				step = work.step(connection);
			}
		}
	}

	@Test
	void rowsAndBatchesAreCounted() throws Exception {
		Customers customers = Customers.create(this.database, 25_000);
		run(customers);
		assertThat(this.count.rowsChanged()).isEqualTo(25_000);
		assertThat(this.count.rowsChanged() + this.count.rowsUnchanged()).isEqualTo(customers.progress().rowsSeen());
		assertThat(this.count.batchesDone()).isBetween(4L, 100L);
		assertThat(this.count.batchesFailed()).isZero();
	}

	@Test
	void batchesThatFailAreCounted() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		this.database.execute("ALTER TABLE customer ADD CHECK (id <> 21 OR full_name IS NULL)");
		run(customers);
		assertThat(this.count.batchesFailed()).isBetween(5L, 30L);
		assertThat(this.count.rowsChanged()).isEqualTo(99);
	}

	@Test
	void aStatementThatDoesNotFitIsABatchThatFails() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		this.database.execute("ALTER TABLE customer DROP COLUMN times");
		run(customers);
		assertThat(this.count.batchesFailed()).isOne();
		assertThat(this.count.batchesDone()).isZero();
	}

	@Test
	void aRowThatWasSkippedCountsOnce() throws Exception {
		Customers customers = Customers.create(this.database, 100);
		customers.register(COUNT_UP);
		BackgroundWork work = new BackgroundWork(customers.store, COUNT_UP, Customers.settings(), Pace.WITH_PAUSES,
				Customers.HISTORY, this.count);
		try (Connection connection = customers.connect();
				Connection other = this.database.inTransaction("UPDATE customer SET first_name = 'x' WHERE id = 7")) {
			Step step = Step.PREPARED;
			while (step.kind() != Kind.ROWS_LOCKED) {
				step = work.step(connection);
			}
			assertThat(this.count.rowsChanged()).isEqualTo(99);
			other.commit();
			work.waitForRemaining(connection, Customers.settings().batchTimeout());
			assertThat(this.count.rowsChanged()).isEqualTo(100);
			assertThat(this.count.rowsUnchanged()).isEqualTo(customers.progress().rowsSeen() - 99);
		}
	}

	/** As the parts of an interleaved batch that is gone along again in pieces. */
	@Test
	void whatIsGoneAlongAgainIsNotCountedTwiceAndNothingFalls() {
		this.count.done(100, 40);
		assertThat(this.count.rowsUnchanged()).isEqualTo(60);
		this.count.done(-100, 50);
		assertThat(this.count.rowsChanged()).isEqualTo(90);
		assertThat(this.count.rowsUnchanged()).isEqualTo(60);
		this.count.done(200, 10);
		assertThat(this.count.rowsChanged()).isEqualTo(100);
		assertThat(this.count.rowsUnchanged()).isEqualTo(100);
		this.count.failed(50);
		assertThat(this.count.rowsUnchanged()).isEqualTo(100);
		this.count.done(60, 0);
		assertThat(this.count.rowsUnchanged()).isEqualTo(110);
	}

}
