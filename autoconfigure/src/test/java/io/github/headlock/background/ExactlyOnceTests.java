package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.background.Step.Kind;
import io.github.headlock.test.Background;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several processes at work on one background migration, whose sessions are terminated
 * again and again in the middle of a batch. The fault campaign kills real processes.
 */
@Tag("every-postgresql")
class ExactlyOnceTests {

	private static final int ROWS = 20_000;

	private static final int KILLS = 20;

	private static final BackgroundDefinition COUNT_UP = Customers.definition(Customers.COUNT_UP);

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@CsvSource({ "1, false", "2, false", "4, false", "2, true" })
	void terminatedSessionsLeaveNothingUndoneAndNothingDoneTwice(int workers, boolean pooled) throws Exception {
		Customers customers = Customers.create(this.database, ROWS);
		customers.register(COUNT_UP);
		// so that there are enough batches to be hit
		this.database.execute("UPDATE flyway_schema_history_background SET batch_size = 50");
		long most = 0;
		List<Background<Integer>> processes = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			processes.add(Background.start(() -> work(customers, workers, pooled)));
		}
		int kills = 0;
		while (processes.stream().anyMatch((process) -> !process.isDone())) {
			most = Math.max(most, customers.openBatches());
			if (kills < KILLS) {
				// the parameter is there so that this session is not one of them
				kills += this.database
					.list("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
							+ "AND xact_start IS NOT NULL AND application_name LIKE 'headlock%' AND pid <> pg_backend_pid() "
							+ "ORDER BY random() LIMIT 1")
					.size();
			}
		}
		for (Background<Integer> process : processes) {
			process.result();
		}
		assertThat(kills).isEqualTo(KILLS);
		assertThat(customers.count("times = 1")).isEqualTo(ROWS);
		assertThat(customers.progress().state()).isEqualTo(BackgroundState.FINISHED);
		assertThat(customers.progress().rowsChanged()).isEqualTo(ROWS);
		assertThat(customers.openBatches()).isZero();
		assertThat(most).isLessThanOrEqualTo(workers);
	}

	private int work(Customers customers, int workers, boolean pooled) throws Exception {
		BackgroundWork work = customers.work(COUNT_UP, Customers.settings(workers, Duration.ofSeconds(30)));
		int losses = 0;
		Kind kind = Kind.WORKED;
		while (kind != Kind.ENDED && customers.progress().state().isWorkedOn()) {
			try (Connection connection = pooled ? Customers.connect(this.database.pooledUrl()) : customers.connect()) {
				while (kind != Kind.ENDED && customers.progress().state().isWorkedOn()) {
					kind = work.step(connection).kind();
				}
			}
			catch (SQLException ex) {
				assertThat(BatchFailure.of(ex)).as(ex::toString).isEqualTo(BatchFailure.CONNECTION);
				losses++;
			}
		}
		return losses;
	}

}
