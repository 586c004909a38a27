package io.github.headlock.rollout;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.test.Background;
import io.github.headlock.test.Replica;
import io.github.headlock.test.StartLine;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Many replicas that start at once.
 */
@ExtendWith(OutputCaptureExtension.class)
@Tag("every-version")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RollingDeploymentTests {

	private static final int REPLICAS = 24;

	private static final String KEY = String.valueOf(new HistoryTable("public", "flyway_schema_history").lockKey());

	private static final Pattern WAITING = Pattern.compile("\\[(\\S+)] LockPolling : Waiting for the migration lock");

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyReplicaGetsReadyAndEachMigrationRunsOnce(boolean pooled) throws Exception {
		List<MigrationReport> reports = startTogether(url(pooled), "basic");
		assertThat(this.database.list("SELECT name FROM effect ORDER BY id")).containsExactly("V1", "V2", "V3");
		assertThat(this.database.history()).containsExactly("1", "2", "3");
		// on a busy machine some come when all is done
		assertThat(reports).hasSize(REPLICAS)
			.extracting(MigrationReport::outcome)
			.isSubsetOf(MigrationOutcome.MIGRATED, MigrationOutcome.WAITED, MigrationOutcome.FAST_PATH);
		assertOneMigrated(reports, 3);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void anIndexIsCreatedConcurrentlyWhileReplicasWait(boolean pooled, CapturedOutput output) throws Exception {
		Background<List<MigrationReport>> starts;
		try (Connection holder = this.database.hold(KEY)) {
			starts = Background.start(() -> startTogether(url(pooled), "concurrently"));
			await().atMost(Duration.ofMinutes(2)).until(() -> waiting(output) == REPLICAS);
		}
		List<MigrationReport> reports = starts.result();
		assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
		assertThat(this.database.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'effect_name'::regclass"))
			.isEqualTo("t");
		assertThat(reports).filteredOn(MigrationReport::outcome, MigrationOutcome.WAITED).hasSize(REPLICAS - 1);
		assertOneMigrated(reports, 4);
	}

	/** Number of replicas that have tried in vain at least once. */
	private static long waiting(CapturedOutput output) {
		return WAITING.matcher(output.getOut()).results().map((match) -> match.group(1)).distinct().count();
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

	private void assertOneMigrated(List<MigrationReport> reports, int migrations) {
		assertThat(reports).filteredOn(MigrationReport::outcome, MigrationOutcome.MIGRATED)
			.singleElement()
			.extracting(MigrationReport::migrations)
			.isEqualTo(migrations);
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
