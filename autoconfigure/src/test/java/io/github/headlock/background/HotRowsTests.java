package io.github.headlock.background;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose transactions change several rows each, of those that a background
 * migration works on.
 */
@Tag("every-postgresql")
class HotRowsTests {

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private static final int ROWS = 300;

	private static final int WRITERS = 4;

	private static final int STEPS = 200;

	private final TestDatabase database = TestDatabase.create();

	/**
	 * Each locks rows from high to low keys, and batches go from low to high ones, so
	 * that there would be deadlocks if a batch waited for a row. Who has waited for 1 ms
	 * looks for one, and is its victim then. Nor does a batch fail because rows have
	 * changed since its snapshot, whatever the default of its session is.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "read committed", "serializable" })
	void theApplicationIsNeverTheVictimOfADeadlock(String isolation) throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		customers.register(COUNT_UP);
		AtomicBoolean over = new AtomicBoolean();
		CountDownLatch begun = new CountDownLatch(WRITERS);
		List<Background<Integer>> application = new ArrayList<>();
		for (int seed = 1; seed <= WRITERS; seed++) {
			Random random = new Random(seed);
			application.add(Background.start(() -> writeUntil(over, begun, random)));
		}
		assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
		BackgroundWork work = customers.work(COUNT_UP);
		try (Connection connection = customers.connect()) {
			Statements.update(connection, "SET default_transaction_isolation = '%s'".formatted(isolation));
			for (int step = 0; step < STEPS && application.stream().noneMatch(Background::isDone); step++) {
				if (work.step(connection).kind() == Kind.ENDED) {
					Transactions.run(connection, () -> customers.store.reopen(connection, COUNT_UP.name()));
				}
			}
		}
		finally {
			over.set(true);
		}
		int transactions = 0;
		for (Background<Integer> writer : application) {
			transactions += writer.result();
		}
		assertThat(transactions).isPositive();
		assertThat(customers.progress().rowsChanged()).isGreaterThan(ROWS);
		assertThat(customers.progress().lastError()).isNull();
		assertThat(this.database.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
			.isEqualTo("0");
	}

	private int writeUntil(AtomicBoolean over, CountDownLatch begun, Random random) throws SQLException {
		int transactions = 0;
		try (Connection connection = this.database.inTransaction("SET deadlock_timeout = '1ms'");
				PreparedStatement update = connection
					.prepareStatement("UPDATE customer SET full_name = NULL WHERE id = ?")) {
			for (; !over.get(); transactions++) {
				for (int id : random.ints(1, ROWS + 1)
					.distinct()
					.limit(3)
					.boxed()
					.sorted(Comparator.reverseOrder())
					.toList()) {
					update.setInt(1, id);
					update.executeUpdate();
				}
				connection.commit();
				if (transactions == 0) {
					begun.countDown();
				}
			}
		}
		return transactions;
	}

}
