package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.CountingProxy;

/**
 * What replicas that wait for a slow migration ask of the server meanwhile.
 */
final class WaitersPart implements Part {

	static final String NAME = "waiters";

	static final List<Variant> VARIANTS = List.of(Variant.PLAIN, Variant.HEADLOCK);

	private static final List<Metric> METRICS = List.of(Metric.TURNS_PER_SECOND, Metric.TRANSACTIONS_PER_SECOND,
			Metric.PEAK_CONNECTIONS, Metric.PEAK_IDLE);

	private final Bench bench;

	private final int waiters;

	private final int seconds;

	private final int rounds;

	/**
	 * Creates the part.
	 * @param bench what all parts share
	 * @param waiters how many replicas wait, beside the one that migrates
	 * @param seconds how long the migration takes; the second half of it is measured
	 * @param rounds how often it is measured
	 */
	WaitersPart(Bench bench, int waiters, int seconds, int rounds) {
		this.bench = bench;
		this.waiters = waiters;
		this.seconds = seconds;
		this.rounds = rounds;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public String title() {
		return "Replicas that wait for a migration";
	}

	@Override
	public List<Variant> variants() {
		return VARIANTS;
	}

	@Override
	public List<Metric> metrics() {
		return METRICS;
	}

	@Override
	public List<Metric> drawn() {
		return List.of(Metric.TURNS_PER_SECOND, Metric.TRANSACTIONS_PER_SECOND);
	}

	@Override
	public void run(Results results) throws Exception {
		Rollout.prepare(this.bench, this.seconds);
		for (int round = 1; round <= this.rounds; round++) {
			for (Variant variant : Bench.order(VARIANTS, round)) {
				results.add(new Measurement(NAME, situation(), variant, round, wait(variant, round)));
			}
			this.bench.out().println("waiting, " + situation() + ": round " + round + " of " + this.rounds);
		}
	}

	/** Nothing if nobody has applied the migration. */
	private Map<Metric, Double> wait(Variant variant, int round) throws Exception {
		String database = "waiters_" + round;
		Path log = this.bench.log(NAME, variant, String.valueOf(round));
		Rollout rollout = new Rollout(this.bench, this.waiters + 1, variant, this.seconds,
				Duration.ofSeconds(this.seconds + 60L));
		rollout.createDatabase(database, false);
		try (CountingProxy proxy = CountingProxy.start(this.bench.server(), Duration.ZERO)) {
			Rollout.Outcome outcome = rollout.run(database, proxy.url(database), log);
			if (outcome.endOfMigration().isEmpty()) {
				return Map.of();
			}
			long end = outcome.endOfMigration().getAsLong();
			long begin = end - this.seconds * 500_000L;
			return values(outcome.sessions().samples(begin, end), proxy);
		}
		finally {
			this.bench.drop(database);
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
