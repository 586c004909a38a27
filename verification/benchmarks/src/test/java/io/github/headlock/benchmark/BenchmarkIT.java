package io.github.headlock.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The benchmark itself, in small: not how fast anything is, but that what it counts is
 * right.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BenchmarkIT {

	private static final int MIGRATIONS = 3;

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	@TempDir
	private Path folder;

	private Bench bench;

	private Results results;

	@BeforeEach
	void open() throws IOException {
		this.bench = Bench.open(Path.of(System.getProperty("benchmark.target", "target")), this.folder,
				new PrintStream(this.output, true, StandardCharsets.UTF_8));
		this.results = new Results(this.folder.resolve("results.csv"));
	}

	@AfterEach
	void close() throws IOException {
		this.bench.close();
	}

	@Test
	void startsAtHeadAreMeasuredWithAndWithoutFlyway() throws Exception {
		HeadPart part = new HeadPart(this.bench, List.of(MIGRATIONS), 1);
		part.run(this.results);
		String situation = HeadPart.situation(MIGRATIONS);
		// SSL is asked for, the login, and the query
		assertThat(value(HeadPart.NAME, situation, Variant.OFF, Metric.START_CONNECTIONS)).isEqualTo(1);
		assertThat(value(HeadPart.NAME, situation, Variant.OFF, Metric.START_TURNS)).isBetween(3.0, 8.0);
		for (Variant variant : ApplyPart.VARIANTS) {
			assertThat(value(HeadPart.NAME, situation, variant, Metric.STRATEGY_TURNS)).isPositive()
				.isLessThan(value(HeadPart.NAME, situation, variant, Metric.START_TURNS));
			assertThat(value(HeadPart.NAME, situation, variant, Metric.STRATEGY_TIME)).isPositive()
				.isLessThan(value(HeadPart.NAME, situation, variant, Metric.START_TIME));
			assertThat(value(HeadPart.NAME, situation, variant, Metric.STRATEGY_CLASSES)).isPositive()
				.isLessThan(value(HeadPart.NAME, situation, variant, Metric.START_CLASSES));
			assertThat(value(HeadPart.NAME, situation, variant, Metric.ADDED_CLASSES)).isPositive();
			// the strategy loads the pool, which the query then does not
			assertThat(value(HeadPart.NAME, situation, variant, Metric.STRATEGY_ADDED_CLASSES)).isPositive()
				.isLessThan(value(HeadPart.NAME, situation, variant, Metric.STRATEGY_CLASSES));
		}
		assertThat(value(HeadPart.NAME, situation, Variant.PLAIN, Metric.STRATEGY_CONNECTIONS)).isEqualTo(2);
		assertThat(value(HeadPart.NAME, situation, Variant.HEADLOCK, Metric.STRATEGY_CONNECTIONS)).isEqualTo(1);
		assertThat(new Table(this.results, part).markdown()).contains("| 3 migrations | ");
	}

	@Test
	void listingIsMeasuredAloneAndComparingToo() throws Exception {
		ListingPart part = new ListingPart(this.bench, List.of(MIGRATIONS), 1);
		part.run(this.results);
		for (Variant variant : part.variants()) {
			assertThat(value(ListingPart.NAME, "3 migrations", variant, Metric.LISTING)).isPositive();
		}
		assertThat(value(ListingPart.NAME, "3 migrations", Variant.HEADLOCK, Metric.COMPARISON)).isPositive();
		assertThat(this.results.spread(ListingPart.NAME, "3 migrations", Variant.PLAIN, Metric.COMPARISON)).isEmpty();
	}

	@Test
	void delayIsInEachRoundTripOfApplying() throws Exception {
		int delay = 20;
		ApplyPart part = new ApplyPart(this.bench, List.of(MIGRATIONS), List.of(delay), 1);
		part.run(this.results);
		String situation = ApplyPart.situation(MIGRATIONS, delay);
		for (Variant variant : ApplyPart.VARIANTS) {
			double turns = value(ApplyPart.NAME, situation, variant, Metric.STRATEGY_TURNS);
			assertThat(turns).isGreaterThan(5 * MIGRATIONS);
			// the lock is held beside the work, and watched
			assertThat(value(ApplyPart.NAME, situation, variant, Metric.STRATEGY_TIME))
				.isGreaterThan(0.8 * turns * delay);
		}
		assertThat(new Table(this.results, part).markdown()).contains("| 3 migrations, 20 ms a round trip | ");
	}

	@Test
	void rolloutsAreMeasuredDirectAndThroughPgBouncer() throws Exception {
		RolloutPart part = new RolloutPart(this.bench, List.of(2), List.of(Way.AT_HEAD, Way.DIRECT, Way.POOL_OF_2), 1,
				Duration.ofSeconds(20), 1);
		part.run(this.results);
		String direct = RolloutPart.situation(2, Way.DIRECT);
		for (Variant variant : RolloutPart.VARIANTS) {
			assertThat(value(RolloutPart.NAME, direct, variant, Metric.READY)).isEqualTo(2);
			assertThat(value(RolloutPart.NAME, direct, variant, Metric.LAST_READY)).isBetween(0.0, 15.0);
			assertThat(value(RolloutPart.NAME, direct, variant, Metric.PEAK_CONNECTIONS)).isBetween(2.0, 6.0);
		}
		String head = RolloutPart.situation(2, Way.AT_HEAD);
		assertThat(value(RolloutPart.NAME, head, Variant.HEADLOCK, Metric.READY)).isEqualTo(2);
		assertThat(value(RolloutPart.NAME, head, Variant.HEADLOCK, Metric.ALL_READY)).isBetween(0.01, 15.0);
		assertThat(this.results.spread(RolloutPart.NAME, head, Variant.HEADLOCK, Metric.LAST_READY)).isEmpty();
		// it waits in a transaction
		assertThat(value(RolloutPart.NAME, direct, Variant.PLAIN, Metric.PEAK_IDLE)).isPositive();
		String pooled = RolloutPart.situation(2, Way.POOL_OF_2);
		assertThat(value(RolloutPart.NAME, pooled, Variant.HEADLOCK, Metric.READY)).isEqualTo(2);
		// one may be ending while its successor begins
		assertThat(value(RolloutPart.NAME, pooled, Variant.HEADLOCK, Metric.PEAK_CONNECTIONS)).isBetween(1.0, 3.0);
	}

	@Test
	void replicasThatAreNotReadyInTimeAreReportedAsSuch() throws Exception {
		RolloutPart part = new RolloutPart(this.bench, List.of(2), List.of(Way.DIRECT), 30, Duration.ZERO, 1);
		part.run(this.results);
		String situation = RolloutPart.situation(2, Way.DIRECT);
		for (Variant variant : RolloutPart.VARIANTS) {
			assertThat(value(RolloutPart.NAME, situation, variant, Metric.READY)).isZero();
			assertThat(this.results.spread(RolloutPart.NAME, situation, variant, Metric.ALL_READY)).isEmpty();
		}
		assertThat(new Table(this.results, part).markdown())
			.contains("| 2 replicas, direct | replicas that are ready in time | 0 | 0 | – |");
	}

	@Test
	void whatWaitersAskIsCounted() throws Exception {
		WaitersPart part = new WaitersPart(this.bench, 2, 4, 1);
		part.run(this.results);
		for (Variant variant : WaitersPart.VARIANTS) {
			// each of the two asks at least every two seconds, and not without a pause
			assertThat(value(WaitersPart.NAME, "2 replicas wait", variant, Metric.TURNS_PER_SECOND)).isBetween(1.0,
					100.0);
		}
	}

	@Test
	void changingRowsIsMeasuredInAMigrationAndInTheBackground() throws Exception {
		BackgroundPart part = new BackgroundPart(this.bench, List.of(20_000), 1);
		part.run(this.results);
		String situation = BackgroundPart.situation(20_000);
		for (Variant variant : BackgroundPart.VARIANTS) {
			// 20000 rows were written, of 100 bytes or more, in a new place
			assertThat(value(BackgroundPart.NAME, situation, variant, Metric.WAL)).isGreaterThan(2);
			assertThat(value(BackgroundPart.NAME, situation, variant, Metric.TABLE_SIZE)).isGreaterThan(4);
			assertThat(value(BackgroundPart.NAME, situation, variant, Metric.BACKFILL_TIME)).isPositive();
			assertThat(value(BackgroundPart.NAME, situation, variant, Metric.BACKEND_CPU)).isPositive();
			assertThat(value(BackgroundPart.NAME, situation, variant, Metric.WRITER_MAX)).isPositive();
		}
		assertThat(new Report(this.results, "machine").text(part)).contains("| 20000 rows | longest wait of a writer")
			.contains("- Goal, 20000 rows: WAL at most 1.2 times that of plain Flyway: ");
	}

	private double value(String part, String situation, Variant variant, Metric metric) {
		return this.results.spread(part, situation, variant, metric).orElseThrow().median();
	}

}
