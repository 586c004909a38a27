package io.github.headlock.campaign;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.headlock.testbed.PgBouncer;

/**
 * The fault campaign: round after round, with a line for each, the story of each that
 * violates an invariant, and a table in the end.
 */
final class Campaign {

	private static final int WRONG_ARGUMENT = 2;

	private final Path target;

	private final PrintStream out;

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
	 * @return the exit code: 0 if Headlock violated nothing, 1 if it did, 2 for a wrong
	 * argument
	 * @throws Exception if a round cannot be brought to its end
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
		long[] seeds = LongStream.iterate(options.seed(), (seed) -> seed + 1)
			.filter((seed) -> options.fault() == null || Draw.of(seed).schedule().has(options.fault()))
			.limit(options.rounds())
			.toArray();
		return run(seeds, options);
	}

	int run(long[] seeds, CampaignOptions options) throws Exception {
		Path folder = Files.createDirectories(this.target.resolve("campaign")).toAbsolutePath();
		delete(folder);
		try (Lanes lanes = Lanes.open(options.lanes(), classPath(), folder)) {
			Report report = new Report();
			List<RoundResult> results = run(lanes, seeds, false, options);
			report.add("Headlock", results);
			if (options.plain()) {
				this.out.println("The same without Headlock:");
				report.add("Flyway alone", run(lanes, seeds, true, options));
			}
			this.out.printf("%n%s", report.markdown());
			boolean good = results.stream().allMatch(RoundResult::isGood);
			this.out.printf("%n%s%n", good ? "No violation." : "Violations: see above.");
			return good ? 0 : 1;
		}
	}

	private List<RoundResult> run(Lanes lanes, long[] seeds, boolean plain, CampaignOptions options) throws Exception {
		List<RoundResult> results = new ArrayList<>();
		lanes.forEach(seeds, (lab, seed) -> {
			Round round = new Round(lab, seed, plain, options.patience());
			try {
				RoundResult result = round.run();
				synchronized (results) {
					results.add(result);
					this.out.printf("%4d  %s%n", results.size(), result);
					tell(result, plain);
				}
			}
			catch (IOException | SQLException | RuntimeException ex) {
				synchronized (results) {
					this.out.printf("Seed %d was not brought to its end: %s%n%s", seed, round, round.abandon());
				}
				throw ex;
			}
		});
		return results;
	}

	private void tell(RoundResult result, boolean plain) {
		result.violations().forEach((violation) -> this.out.printf("      VIOLATED  %s%n", violation));
		if (!result.isGood() && !plain) {
			this.out.printf("%s      again: bin/campaign --seed %d --rounds 1%n", result.story(), result.seed());
		}
	}

	/** Archives only, because only their classes can be in an archive of loaded ones. */
	private String classPath() throws IOException {
		try (Stream<Path> files = Files.list(this.target)) {
			Path jar = files.filter((file) -> file.getFileName().toString().matches("headlock-campaign-.*\\.jar"))
				.findFirst()
				.orElseThrow(() -> new IOException("There is no archive in %s: build it first".formatted(this.target)));
			return jar.toAbsolutePath() + ":" + Files.readString(this.target.resolve("campaign.classpath"));
		}
	}

	private static void delete(Path folder) throws IOException {
		try (Stream<Path> files = Files.walk(folder)) {
			files.filter((file) -> !file.equals(folder))
				.sorted(Comparator.reverseOrder())
				.map(Path::toFile)
				.forEach(File::delete);
		}
	}

}
