package io.github.headlock.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

import io.github.headlock.testbed.PgBouncer;

/**
 * The benchmark: measures each part, keeps all values in a file, prints the tables, and
 * writes them into the documentation if asked to.
 */
final class Benchmark {

	private static final int WRONG_ARGUMENT = 2;

	private static final int MIGRATION_SECONDS = 5;

	private static final int WAIT_SECONDS = 20;

	private static final Duration ROLLOUT_LIMIT = Duration.ofSeconds(60);

	private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'run-'yyyyMMdd-HHmmss", Locale.ROOT);

	private final Path target;

	private final PrintStream out;

	/**
	 * Creates the benchmark.
	 * @param target build folder of this module
	 * @param out where the result goes
	 */
	Benchmark(Path target, PrintStream out) {
		this.target = target;
		this.out = out;
	}

	public static void main(String[] arguments) throws Exception {
		Path target = Path.of(System.getProperty("benchmark.target", "target"));
		System.exit(new Benchmark(target, System.out).run(arguments));
	}

	/**
	 * Runs it.
	 * @param arguments the command line
	 * @return the exit code: 0, or 2 for a wrong argument
	 * @throws Exception if something cannot be measured
	 */
	int run(String... arguments) throws Exception {
		BenchmarkOptions options;
		try {
			options = BenchmarkOptions.parse(arguments);
		}
		catch (IllegalArgumentException ex) {
			this.out.println("bin/benchmark: " + ex.getMessage());
			return WRONG_ARGUMENT;
		}
		if (options.parts().contains(RolloutPart.NAME) && !PgBouncer.isInstalled()) {
			this.out.println("bin/benchmark: PgBouncer is not installed");
			return WRONG_ARGUMENT;
		}
		run(options);
		return 0;
	}

	private void run(BenchmarkOptions options) throws Exception {
		Path folder = this.target.resolve("benchmark")
			.resolve(LocalDateTime.now(ZoneId.systemDefault()).format(NAME))
			.toAbsolutePath();
		try (Bench bench = Bench.open(this.target, folder, this.out)) {
			Results results = new Results(folder.resolve("results.csv"));
			Report report = new Report(results, Machine.description(bench.server()));
			for (Part part : parts(bench, options)) {
				part.run(results);
				this.out.println("\n" + report.text(part));
				publish(report, part, options, folder);
			}
			this.out.println("All values, and pictures: " + folder);
		}
	}

	private void publish(Report report, Part part, BenchmarkOptions options, Path folder) throws IOException {
		report.draw(part, folder);
		if (options.page()) {
			Path docs = this.target.resolve("../../../docs").normalize();
			report.draw(part, docs);
			new Page(docs.resolve("performance.md")).replace(part.name(), report.text(part));
		}
	}

	private static List<Part> parts(Bench bench, BenchmarkOptions options) {
		List<Part> parts = List.of(new HeadPart(bench, options.sizes(), options.rounds()),
				new ListingPart(bench, options.sizes(), options.rounds()),
				new ApplyPart(bench, options.applied(), options.delays(), options.rounds()),
				new RolloutPart(bench, options.replicas(), List.of(Way.values()), MIGRATION_SECONDS, ROLLOUT_LIMIT,
						options.rollouts()),
				new WaitersPart(bench, Collections.max(options.replicas()), WAIT_SECONDS, options.rollouts()),
				new BackgroundPart(bench, options.rows(), options.backfills()));
		return parts.stream().filter((part) -> options.parts().contains(part.name())).toList();
	}

}
