package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.testbed.PgBouncer;

/**
 * Rollouts of many replicas that meet at a slow migration, straight to the server and
 * through PgBouncer.
 */
final class RolloutPart extends MeasuredPart {

	static final String NAME = "rollout";

	static final List<Variant> VARIANTS = List.of(Variant.PLAIN, Variant.HEADLOCK);

	private static final List<Metric> METRICS = List.of(Metric.READY, Metric.FAILED, Metric.ALL_READY,
			Metric.LAST_READY, Metric.PEAK_CONNECTIONS, Metric.PEAK_IDLE);

	private final List<Integer> replicas;

	private final List<Way> ways;

	private final int seconds;

	private final Duration limit;

	/**
	 * Creates the part.
	 * @param bench what all parts share
	 * @param replicas numbers of replicas
	 * @param ways what the replicas meet
	 * @param seconds how long the migration takes
	 * @param limit how long a rollout may take
	 * @param rounds how often each is measured
	 */
	RolloutPart(Bench bench, List<Integer> replicas, List<Way> ways, int seconds, Duration limit, int rounds) {
		super(new Topic(NAME, "Rollouts with a migration of " + seconds + " seconds", VARIANTS, METRICS,
				List.of(Metric.LAST_READY, Metric.PEAK_CONNECTIONS)), bench, rounds);
		this.replicas = replicas;
		this.ways = ways;
		this.seconds = seconds;
		this.limit = limit;
	}

	@Override
	public void run(Results results) throws Exception {
		Rollout.prepare(bench(), this.seconds);
		for (int number : this.replicas) {
			for (Way way : this.ways) {
				measure(results, situation(number, way), (variant, round) -> rollOut(number, way, variant, round));
			}
		}
	}

	private Map<Metric, Double> rollOut(int number, Way way, Variant variant, int round) throws Exception {
		String database = String.format(Locale.ROOT, "rollout_%d_%s_%d", number, way, round).toLowerCase(Locale.ROOT);
		Path log = bench().log(NAME, variant, number + "-" + way + "-" + round);
		Rollout rollout = new Rollout(bench(), number, variant, this.seconds, this.limit);
		rollout.createDatabase(database, way.isAtHead());
		try {
			if (!way.isPooled()) {
				return values(number, rollout.run(database, bench().server().url(database), log));
			}
			try (PgBouncer pgBouncer = PgBouncer.start(bench().server(), way.poolSize())) {
				// older ones do not know the driver's prepared statements
				return values(number, rollout.run(database, pgBouncer.url(database) + "?prepareThreshold=0", log));
			}
		}
		finally {
			bench().drop(database);
		}
	}

	private static Map<Metric, Double> values(int number, Rollout.Outcome outcome) {
		Map<Metric, Double> values = new EnumMap<>(Metric.class);
		List<Long> ready = new ArrayList<>(outcome.events().ready());
		values.put(Metric.READY, (double) ready.size());
		values.put(Metric.FAILED, (double) outcome.events().failures().size());
		if (ready.size() == number) {
			long last = Collections.max(ready);
			long released = outcome.events().released().orElseThrow();
			values.put(Metric.ALL_READY, (last - released) / 1_000_000.0);
			// that of an earlier rollout is none of this one's
			outcome.endOfMigration()
				.stream()
				.filter((end) -> end > released)
				.forEach((end) -> values.put(Metric.LAST_READY, (last - end) / 1_000_000.0));
		}
		values.putAll(Sessions.peaks(outcome.sessions().samples(0, Long.MAX_VALUE)));
		return values;
	}

	static String situation(int number, Way way) {
		return number + " replicas, " + way.title();
	}

}
