package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.CountingProxy;

/**
 * Starts where all migrations are applied already, which is what most starts are.
 */
final class HeadPart extends MeasuredPart {

	static final String NAME = "head";

	static final List<Variant> VARIANTS = List.of(Variant.OFF, Variant.PLAIN, Variant.HEADLOCK);

	private static final List<Metric> METRICS = List.of(Metric.ADDED_CPU, Metric.START_TIME, Metric.START_CPU,
			Metric.ADDED_CLASSES, Metric.START_CONNECTIONS, Metric.START_TURNS, Metric.STRATEGY_TIME,
			Metric.STRATEGY_CPU, Metric.STRATEGY_CLASSES, Metric.STRATEGY_ADDED_CLASSES, Metric.STRATEGY_CONNECTIONS,
			Metric.STRATEGY_TURNS);

	private final List<Integer> sizes;

	HeadPart(Bench bench, List<Integer> sizes, int rounds) {
		super(new Topic(NAME, "Starts at head", VARIANTS, METRICS,
				List.of(Metric.ADDED_CPU, Metric.STRATEGY_TIME, Metric.STRATEGY_TURNS)), bench, rounds);
		this.sizes = sizes;
	}

	@Override
	public void run(Results results) throws Exception {
		for (int size : this.sizes) {
			String database = "head_" + size;
			Path migrations = bench().folder().resolve(database);
			Migrations.write(migrations, size);
			HeadDatabase.create(bench().server(), database, migrations);
			measure(results, situation(size), (variant, round) -> start(database, size, variant, round));
		}
	}

	@Override
	void compare(Map<Variant, Map<Metric, Double>> values) {
		values.forEach((variant, measured) -> {
			if (variant == Variant.OFF) {
				measured.keySet().removeIf((metric) -> metric.name().startsWith("STRATEGY"));
			}
			else {
				addDifferences(measured, values.get(Variant.OFF));
			}
		});
	}

	private Map<Metric, Double> start(String database, int size, Variant variant, int round) throws Exception {
		Path jar = bench().jars().with(size, variant);
		try (CountingProxy proxy = CountingProxy.start(bench().server(), Duration.ZERO)) {
			return ColdStart.run(jar, variant, proxy.url(database), bench().log(NAME, variant, size + "-" + round))
				.values(proxy);
		}
	}

	private static void addDifferences(Map<Metric, Double> measured, Map<Metric, Double> off) {
		measured.put(Metric.ADDED_CPU, measured.get(Metric.START_CPU) - off.get(Metric.START_CPU));
		measured.put(Metric.ADDED_CLASSES, measured.get(Metric.START_CLASSES) - off.get(Metric.START_CLASSES));
		measured.put(Metric.STRATEGY_ADDED_CLASSES, measured.get(Metric.STRATEGY_CLASSES)
				+ measured.get(Metric.QUERY_CLASSES) - off.get(Metric.QUERY_CLASSES));
	}

	static String situation(int size) {
		return size + " migrations";
	}

}
