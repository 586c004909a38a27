package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.testbed.CountingProxy;

/**
 * Starts on an empty database, to which all migrations are applied.
 */
final class ApplyPart extends MeasuredPart {

	static final String NAME = "apply";

	static final List<Variant> VARIANTS = List.of(Variant.PLAIN, Variant.HEADLOCK);

	private static final List<Metric> METRICS = List.of(Metric.STRATEGY_TIME, Metric.STRATEGY_CPU,
			Metric.STRATEGY_TURNS, Metric.STRATEGY_CONNECTIONS, Metric.START_TIME, Metric.START_CPU);

	private final List<Integer> sizes;

	private final List<Integer> delays;

	/** Delays are in milliseconds for each round trip. */
	ApplyPart(Bench bench, List<Integer> sizes, List<Integer> delays, int rounds) {
		super(new Topic(NAME, "Starts that apply all migrations", VARIANTS, METRICS,
				List.of(Metric.STRATEGY_TIME, Metric.STRATEGY_TURNS)), bench, rounds);
		this.sizes = sizes;
		this.delays = delays;
	}

	@Override
	public void run(Results results) throws Exception {
		for (int size : this.sizes) {
			for (int delay : this.delays) {
				measure(results, situation(size, delay), (variant, round) -> start(size, delay, variant, round));
			}
		}
	}

	private Map<Metric, Double> start(int size, int delay, Variant variant, int round) throws Exception {
		Path jar = bench().jars().with(size, variant);
		String database = String.format(Locale.ROOT, "apply_%d_%d_%d_%s", size, delay, round,
				variant.name().toLowerCase(Locale.ROOT));
		Path log = bench().log(NAME, variant, size + "-" + delay + "-" + round);
		bench().server().createDatabase(database);
		try {
			Map<Metric, Double> values = start(jar, variant, database, delay, log);
			ensureApplied(database, size);
			return values;
		}
		finally {
			bench().drop(database);
		}
	}

	/** Without a delay there is nothing between the application and its server. */
	private Map<Metric, Double> start(Path jar, Variant variant, String database, int delay, Path log)
			throws InterruptedException {
		if (delay == 0) {
			return ColdStart.run(jar, variant, bench().server().url(database), log).values();
		}
		try (CountingProxy proxy = CountingProxy.start(bench().server(), Duration.ofMillis(delay))) {
			return ColdStart.run(jar, variant, proxy.url(database), log).values(proxy);
		}
	}

	private void ensureApplied(String database, int size) throws SQLException {
		try (Connection connection = bench().server().connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("""
						SELECT (SELECT count(*) FROM flyway_schema_history WHERE success AND version IS NOT NULL),
							(SELECT count(*) FROM pg_tables WHERE tablename LIKE 'item%')
						""")) {
			row.next();
			if (row.getInt(1) != size || row.getInt(2) != size) {
				throw new IllegalStateException("Not all migrations were applied to " + database);
			}
		}
	}

	static String situation(int size, int delay) {
		return size + " migrations, " + ((delay == 0) ? "loopback" : delay + " ms a round trip");
	}

}
