package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.CountingProxy;

/**
 * What replicas that wait for a slow migration ask of the server meanwhile.
 */
final class WaitersPart extends MeasuredPart {

	static final String NAME = "waiters";

	static final List<Variant> VARIANTS = List.of(Variant.PLAIN, Variant.HEADLOCK);

	private static final List<Metric> METRICS = List.of(Metric.TURNS_PER_SECOND, Metric.TRANSACTIONS_PER_SECOND,
			Metric.PEAK_CONNECTIONS, Metric.PEAK_IDLE);

	private final int waiters;

	private final int seconds;

	/**
	 * Creates the part.
	 * @param bench what all parts share
	 * @param waiters how many replicas wait, beside the one that migrates
	 * @param seconds how long the migration takes; the second half of it is measured
	 * @param rounds how often it is measured
	 */
	WaitersPart(Bench bench, int waiters, int seconds, int rounds) {
		super(new Topic(NAME, "Replicas that wait for a migration", VARIANTS, METRICS,
				List.of(Metric.TURNS_PER_SECOND, Metric.TRANSACTIONS_PER_SECOND)), bench, rounds);
		this.waiters = waiters;
		this.seconds = seconds;
	}

	@Override
	public void run(Results results) throws Exception {
		Rollout.prepare(bench(), this.seconds);
		measure(results, situation(), this::wait);
	}

	/** Nothing if nobody has applied the migration. */
	private Map<Metric, Double> wait(Variant variant, int round) throws Exception {
		String database = "waiters_" + round;
		Path log = bench().log(NAME, variant, String.valueOf(round));
		Rollout rollout = new Rollout(bench(), this.waiters + 1, variant, this.seconds,
				Duration.ofSeconds(this.seconds + 60L));
		rollout.createDatabase(database, false);
		try (CountingProxy proxy = CountingProxy.start(bench().server(), Duration.ZERO)) {
			Rollout.Outcome outcome = rollout.run(database, proxy.url(database), log);
			if (outcome.endOfMigration().isEmpty()) {
				return Map.of();
			}
			long end = outcome.endOfMigration().getAsLong();
			long begin = end - this.seconds * 500_000L;
			return values(outcome.sessions().samples(begin, end), proxy);
		}
		finally {
			bench().drop(database);
		}
	}

	private static Map<Metric, Double> values(List<Sessions.Sample> samples, CountingProxy proxy) {
		Sessions.Sample first = samples.get(0);
		Sessions.Sample last = samples.get(samples.size() - 1);
		int turns = proxy.counts(first.micros(), last.micros()).turns();
		Map<Metric, Double> values = Sessions.peaks(samples);
		values.put(Metric.TURNS_PER_SECOND, turns * 1_000_000.0 / (last.micros() - first.micros()));
		values.put(Metric.TRANSACTIONS_PER_SECOND, first.transactionsPerSecond(last));
		return values;
	}

	private String situation() {
		return this.waiters + " replicas wait";
	}

}
