package io.github.headlock.migration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.github.headlock.Outcome;
import io.github.headlock.StartReport;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many replicas that start at once.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RollingDeploymentTests {

	private static final int REPLICAS = 24;

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyReplicaGetsReadyAndEachMigrationRunsOnce(boolean pooled) throws Exception {
		List<StartReport> reports = startTogether(url(pooled), "basic");
		assertThat(this.database.list("SELECT name FROM effect ORDER BY id")).containsExactly("V1", "V2", "V3");
		assertThat(this.database.history()).containsExactly("1", "2", "3");
		assertOneMigrated(reports, 3);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void anIndexIsCreatedConcurrentlyWhileReplicasWait(boolean pooled) throws Exception {
		List<StartReport> reports = startTogether(url(pooled), "concurrently");
		assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
		assertThat(this.database.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'effect_name'::regclass"))
			.isEqualTo("t");
		assertOneMigrated(reports, 4);
	}

	@Test
	void aSecondRolloutTakesTheFastPath() throws Exception {
		startTogether(this.database.pooledUrl(), "basic");
		List<StartReport> reports = startTogether(this.database.pooledUrl(), "basic");
		assertThat(reports).extracting(StartReport::outcome).containsOnly(Outcome.FAST_PATH);
	}

	private String url(boolean pooled) {
		return pooled ? this.database.pooledUrl() : this.database.url();
	}

	private void assertOneMigrated(List<StartReport> reports, int migrations) {
		Map<Outcome, List<StartReport>> byOutcome = reports.stream()
			.collect(Collectors.groupingBy(StartReport::outcome));
		assertThat(reports).hasSize(REPLICAS);
		assertThat(byOutcome.get(Outcome.MIGRATED)).singleElement()
			.extracting(StartReport::migrations)
			.isEqualTo(migrations);
		assertThat(this.database.advisoryLocks()).isZero();
	}

	private List<StartReport> startTogether(String url, String migrations) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(REPLICAS);
		try {
			CountDownLatch ready = new CountDownLatch(REPLICAS);
			Callable<StartReport> start = () -> {
				ready.countDown();
				ready.await();
				return Replica.of(url, migrations).startAndStop();
			};
			List<StartReport> reports = new ArrayList<>();
			for (Future<StartReport> report : executor.invokeAll(Collections.nCopies(REPLICAS, start))) {
				reports.add(report.get());
			}
			return reports;
		}
		finally {
			executor.shutdownNow();
		}
	}

}
