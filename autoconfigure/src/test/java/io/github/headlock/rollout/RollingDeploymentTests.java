package io.github.headlock.rollout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.test.Replica;
import io.github.headlock.test.StartLine;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many replicas that start at once.
 */
@Tag("every-version")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RollingDeploymentTests {

	private static final int REPLICAS = 24;

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyReplicaGetsReadyAndEachMigrationRunsOnce(boolean pooled) throws Exception {
		List<MigrationReport> reports = startTogether(url(pooled), "basic");
		assertThat(this.database.list("SELECT name FROM effect ORDER BY id")).containsExactly("V1", "V2", "V3");
		assertThat(this.database.history()).containsExactly("1", "2", "3");
		assertOneMigratedAndTheOthersWaited(reports, 3);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void anIndexIsCreatedConcurrentlyWhileReplicasWait(boolean pooled) throws Exception {
		List<MigrationReport> reports = startTogether(url(pooled), "concurrently");
		assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
		assertThat(this.database.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'effect_name'::regclass"))
			.isEqualTo("t");
		assertOneMigratedAndTheOthersWaited(reports, 4);
	}

	@Test
	void aSecondRolloutTakesTheFastPath() throws Exception {
		startTogether(this.database.pooledUrl(), "basic");
		List<MigrationReport> reports = startTogether(this.database.pooledUrl(), "basic");
		assertThat(reports).extracting(MigrationReport::outcome).containsOnly(MigrationOutcome.FAST_PATH);
	}

	private String url(boolean pooled) {
		return pooled ? this.database.pooledUrl() : this.database.url();
	}

	private void assertOneMigratedAndTheOthersWaited(List<MigrationReport> reports, int migrations) {
		assertThat(reports).hasSize(REPLICAS);
		assertThat(reports).filteredOn(MigrationReport::outcome, MigrationOutcome.MIGRATED)
			.singleElement()
			.extracting(MigrationReport::migrations)
			.isEqualTo(migrations);
		// They came to the barrier together, and the slow migration keeps the lock busy.
		assertThat(reports).filteredOn(MigrationReport::outcome, MigrationOutcome.WAITED)
			.hasSizeGreaterThan(REPLICAS / 2);
		assertThat(this.database.advisoryLocks()).isZero();
	}

	private static List<MigrationReport> startTogether(String url, String migrations) throws Exception {
		StartLine.draw(REPLICAS);
		ExecutorService executor = Executors.newFixedThreadPool(REPLICAS);
		try {
			Callable<MigrationReport> start = () -> Replica.of(url, migrations).with(StartLine.class).startAndStop();
			List<MigrationReport> reports = new ArrayList<>();
			for (Future<MigrationReport> report : executor.invokeAll(Collections.nCopies(REPLICAS, start))) {
				reports.add(report.get());
			}
			return reports;
		}
		finally {
			executor.shutdownNow();
		}
	}

}
