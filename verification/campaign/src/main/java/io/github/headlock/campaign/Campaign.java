package io.github.headlock.campaign;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.Pgpool;

/**
 * The fault campaign: round after round, with a line for each, the story of each that
 * violates an invariant, and a table in the end.
 */
final class Campaign {

	private static final int WRONG_ARGUMENT = 2;

	private final Path target;

	private final PrintStream out;

	private boolean interrupted;

	/**
	 * Creates the campaign.
	 * @param target build folder of this module
	 * @param out where the result goes
	 */
	Campaign(Path target, PrintStream out) {
		this.target = target;
		this.out = out;
	}

	public static void main(String[] arguments) throws Exception {
		Path target = Path.of(System.getProperty("campaign.target", "target"));
		System.exit(new Campaign(target, System.out).run(arguments));
	}

	/**
	 * Runs the campaign.
	 * @param arguments the command line
	 * @return the exit code: 0 if Headlock violated nothing, 1 if it did, if a round was
	 * not brought to its end, or if most faults missed; 2 for a wrong argument
	 * @throws Exception if there is nothing to run rounds on
	 */
	int run(String... arguments) throws Exception {
		CampaignOptions options;
		try {
			options = CampaignOptions.parse(arguments);
		}
		catch (IllegalArgumentException ex) {
			this.out.println("bin/campaign: " + ex.getMessage());
			return WRONG_ARGUMENT;
		}
		if (!PgBouncer.isInstalled()) {
			this.out.println("bin/campaign: PgBouncer is not installed");
			return WRONG_ARGUMENT;
		}
		if (options.failover() && !Pgpool.isInstalled()) {
			this.out.println("bin/campaign: pgpool-II is not installed");
			return WRONG_ARGUMENT;
		}
		long[] seeds = LongStream.iterate(options.seed(), (seed) -> seed + 1)
			.filter((seed) -> options.fault() == null
					|| RoundPlan.of(seed, options.failover()).schedule().has(options.fault()))
			.limit(options.rounds())
			.toArray();
		return run(seeds, options);
	}

	int run(long[] seeds, CampaignOptions options) throws Exception {
		try (RunFolder folder = RunFolder.open(this.target)) {
			return run(seeds, options, folder.path());
		}
		catch (RunFolder.InUseException ex) {
			this.out.println("bin/campaign: " + ex.getMessage());
			return WRONG_ARGUMENT;
		}
	}

	private int run(long[] seeds, CampaignOptions options, Path folder) throws Exception {
		Report report = new Report();
		Thread hook = new Thread(() -> interrupt(report));
		Runtime.getRuntime().addShutdownHook(hook);
		try (ParallelRunner lanes = ParallelRunner.open(options.lanes(), classPath(), folder, options.failover())) {
			List<RoundResult> results = report.column("Headlock");
			run(lanes, seeds, results, false, options);
			if (options.plain()) {
				this.out.println("The same without Headlock:");
				run(lanes, seeds, report.column("Flyway alone"), true, options);
			}
			return conclude(report, results, seeds.length);
		}
		finally {
			release(hook);
		}
	}

	private void run(ParallelRunner lanes, long[] seeds, List<RoundResult> results, boolean plain,
			CampaignOptions options) throws InterruptedException {
		List<Throwable> failures = lanes.forEach(seeds, (lab, seed) -> {
			RoundResult result = options.background() ? new BackgroundRound(lab, seed, options.patience()).run()
					: new Round(lab, seed, plain, options.patience()).run();
			synchronized (this) {
				if (this.interrupted) {
					return;
				}
				results.add(result);
				this.out.printf(Locale.ROOT, "%4d  %s%n", results.size(), result);
				tell(result, plain, options);
			}
			if (!result.isFinished()) {
				lab.replaceServer();
			}
		});
		failures.forEach((failure) -> this.out.printf(Locale.ROOT, "A lane cannot go on: %s%n", failure));
	}

	private void tell(RoundResult result, boolean plain, CampaignOptions options) {
		result.violations().forEach((violation) -> this.out.printf(Locale.ROOT, "      VIOLATED  %s%n", violation));
		if (result.unfinished() != null) {
			this.out.printf(Locale.ROOT, "      NOT BROUGHT TO ITS END  %s%n", result.unfinished());
		}
		if (!result.isGood() && (!plain || !result.isFinished())) {
			this.out.printf(Locale.ROOT, "%s      again: %s%n", result.story(), options.again(result.seed(), plain));
		}
	}

	private synchronized int conclude(Report report, List<RoundResult> results, int rounds) {
		this.out.printf(Locale.ROOT, "%n%s", report.markdown());
		boolean missed = Report.missesTooMuch(results);
		boolean good = results.stream().allMatch(RoundResult::isGood) && results.size() == rounds
				&& report.isFinished();
		this.out.printf(Locale.ROOT, "%n%s%n",
				good ? "No violation." : "Violations, or rounds without an end: see above.");
		if (missed) {
			this.out.println("But more than half of the faults missed, so that this proves little.");
		}
		return (good && !missed) ? 0 : 1;
	}

	/** Ctrl-C: what was done so far is not lost. */
	private synchronized void interrupt(Report report) {
		this.interrupted = true;
		this.out.printf(Locale.ROOT, "%nInterrupted. Until then:%n%n%s", report.markdown());
	}

	private static void release(Thread hook) {
		try {
			Runtime.getRuntime().removeShutdownHook(hook);
		}
		catch (IllegalStateException ex) {
			// it runs
		}
	}

	/** Archives only, because only their classes can be in an archive of loaded ones. */
	private String classPath() throws IOException {
		try (Stream<Path> files = Files.list(this.target)) {
			Path jar = files.filter((file) -> file.getFileName().toString().matches("headlock-campaign-.*\\.jar"))
				.findFirst()
				.orElseThrow(() -> new IOException(
						String.format(Locale.ROOT, "There is no archive in %s: build it first", this.target)));
			return jar.toAbsolutePath() + ":" + Files.readString(this.target.resolve("campaign.classpath"));
		}
	}

}
