package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import io.github.headlock.testbed.CountingProxy;

/**
 * Starts where all migrations are applied already, which is what most starts are.
 */
final class HeadPart implements Part {

	static final String NAME = "head";

	static final List<Variant> VARIANTS = List.of(Variant.OFF, Variant.PLAIN, Variant.HEADLOCK);

	private static final List<Metric> METRICS = List.of(Metric.ADDED_CPU, Metric.START_TIME, Metric.START_CPU,
			Metric.ADDED_CLASSES, Metric.START_CONNECTIONS, Metric.START_TURNS, Metric.STRATEGY_TIME,
			Metric.STRATEGY_CPU, Metric.STRATEGY_CLASSES, Metric.STRATEGY_ADDED_CLASSES, Metric.STRATEGY_CONNECTIONS,
			Metric.STRATEGY_TURNS);

	private final Bench bench;

	private final List<Integer> sizes;

	private final int rounds;

	HeadPart(Bench bench, List<Integer> sizes, int rounds) {
		this.bench = bench;
		this.sizes = sizes;
		this.rounds = rounds;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public String title() {
		return "Starts at head";
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
		return List.of(Metric.ADDED_CPU, Metric.STRATEGY_TIME, Metric.STRATEGY_TURNS);
	}

	@Override
	public void run(Results results) throws Exception {
		for (int size : this.sizes) {
			String database = "head_" + size;
			Path migrations = this.bench.folder().resolve(database);
			Migrations.write(migrations, size);
			HeadDatabase.create(this.bench.server(), database, migrations);
			for (int round = 1; round <= this.rounds; round++) {
				for (Measurement measurement : round(database, size, round)) {
					results.add(measurement);
				}
				this.bench.out().println("at head, " + size + " migrations: round " + round + " of " + this.rounds);
			}
		}
	}

	private List<Measurement> round(String database, int size, int round) throws Exception {
		Map<Variant, Map<Metric, Double>> values = new EnumMap<>(Variant.class);
		for (Variant variant : Bench.order(VARIANTS, round)) {
			values.put(variant, start(database, size, variant, round));
		}
		List<Measurement> measurements = new ArrayList<>();
		values.forEach((variant, measured) -> {
			if (variant == Variant.OFF) {
				measured.keySet().removeIf((metric) -> metric.name().startsWith("STRATEGY"));
			}
			else {
				addDifferences(measured, values.get(Variant.OFF));
			}
			measurements.add(new Measurement(NAME, situation(size), variant, round, measured));
		});
		return measurements;
	}

	private Map<Metric, Double> start(String database, int size, Variant variant, int round) throws Exception {
		Path jar = this.bench.jars().with(size, variant);
		try (CountingProxy proxy = CountingProxy.start(this.bench.server(), Duration.ZERO)) {
			return ColdStart.run(jar, variant, proxy.url(database), this.bench.log(NAME, variant, size + "-" + round))
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
