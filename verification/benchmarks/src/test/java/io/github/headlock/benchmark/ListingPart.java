package io.github.headlock.benchmark;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.github.headlock.schema.ListingBenchmark;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Listing the migrations and comparing them with the history, alone and in a warm JVM, by
 * JMH.
 */
final class ListingPart extends MeasuredPart {

	static final String NAME = "listing";

	private static final TimeValue SECOND = TimeValue.seconds(1);

	private static final int WARM_UP = 5;

	private final List<Integer> sizes;

	/**
	 * Creates the part.
	 * @param bench what all parts share
	 * @param sizes numbers of migrations
	 * @param rounds how many seconds each is measured, and each of them is one round
	 */
	ListingPart(Bench bench, List<Integer> sizes, int rounds) {
		super(new Topic(NAME, "Listing and comparing, in a warm JVM", ApplyPart.VARIANTS,
				List.of(Metric.LISTING, Metric.COMPARISON), List.of(Metric.LISTING)), bench, rounds);
		this.sizes = sizes;
	}

	@Override
	public void run(Results results) throws Exception {
		for (int size : this.sizes) {
			Path migrations = bench().folder().resolve(NAME + "_" + size);
			Migrations.write(migrations.resolve("db/migration"), size);
			for (RunResult result : new Runner(new OptionsBuilder().include(ListingBenchmark.class.getName())
				.param("folder", migrations.toString())
				.forks(1)
				.warmupIterations(WARM_UP)
				.warmupTime(SECOND)
				.measurementIterations(rounds())
				.measurementTime(SECOND)
				.verbosity(VerboseMode.SILENT)
				.shouldFailOnError(true)
				.build()).run()) {
				add(result, size + " migrations", results);
			}
			bench().out().println("listing, " + size + " migrations: measured");
		}
	}

	private static void add(RunResult result, String situation, Results results) {
		Variant variant = name(result.getParams()).equals("listingOfFlyway") ? Variant.PLAIN : Variant.HEADLOCK;
		Metric metric = name(result.getParams()).equals("comparison") ? Metric.COMPARISON : Metric.LISTING;
		int round = 0;
		for (BenchmarkResult fork : result.getBenchmarkResults()) {
			for (IterationResult iteration : fork.getIterationResults()) {
				round++;
				results.add(new Measurement(NAME, situation, variant, round,
						Map.of(metric, iteration.getPrimaryResult().getScore())));
			}
		}
	}

	private static String name(BenchmarkParams params) {
		return params.getBenchmark().replaceFirst(".*\\.", "");
	}

}
