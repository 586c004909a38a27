package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Rolls the packaged sample application out twice on one database, first with pending
 * migrations, then without, once on another one, where a Job migrates, once with a
 * background migration, and once with Flyway alone, to compare.
 */
final class RolloutDemo {

	private static final int WRONG_ARGUMENT = 2;

	/** More would show nothing else, and every JVM takes its time. */
	private static final int MAX_PODS = 4;

	/** The next release starts beside them. */
	private static final int MAX_SERVING = 2;

	private final Path target;

	private final PrintStream out;

	/**
	 * Creates the demo.
	 * @param target build folder of the sample application
	 * @param out where the result goes
	 */
	RolloutDemo(Path target, PrintStream out) {
		this.target = target;
		this.out = out;
	}

	public static void main(String[] arguments) throws Exception {
		Path target = Path.of(System.getProperty("demo.target", "target"));
		Runtime.getRuntime().addShutdownHook(new Thread(RolloutDemo::fallSilent));
		System.exit(new RolloutDemo(target, System.out).run(arguments));
	}

	/** After Ctrl-C, what becomes of the replicas and the database is no news. */
	private static void fallSilent() {
		System.out.close();
		System.err.close();
	}

	/**
	 * Runs the demo.
	 * @param arguments the command line
	 * @return the exit code: 0 if all checks hold, 1 if not, 2 for a wrong argument
	 * @throws IOException if the packaged application is not there
	 * @throws InterruptedException if this thread is interrupted
	 */
	int run(String... arguments) throws IOException, InterruptedException {
		DemoOptions options;
		try {
			options = DemoOptions.parse(arguments);
		}
		catch (IllegalArgumentException ex) {
			this.out.println("bin/demo: " + ex.getMessage());
			return WRONG_ARGUMENT;
		}
		return run(options) ? 0 : 1;
	}

	private boolean run(DemoOptions options) throws IOException, InterruptedException {
		int replicas = options.replicas();
		Path jar = only("headlock-sample-app-*.jar");
		Path logs = this.target.resolve("rollout-logs");
		StartupProbe probe = new StartupProbe();
		this.out.println("Starting PostgreSQL ...");
		try (DemoServer server = DemoServer.start()) {
			DemoDatabase database = server.createDatabase("parcels");
			this.out.printf("PostgreSQL %s, reached %s%n", database.list("SHOW server_version").get(0), server.way());
			List<RolloutTimeline> rollouts = new ArrayList<>(
					runTwice(new Rollout(database, jar, logs, probe, this.out), replicas));
			List<Check> checks = new ArrayList<>(new RolloutChecks(database, migrations(), replicas).run(rollouts));
			DemoRoles roles = DemoRoles.create(server, server.createDatabase("parcels_with_a_job"));
			int pods = Math.min(replicas, MAX_PODS);
			RolloutTimeline third = new JobRollout(roles, jar, logs, probe, this.out).run(3, pods,
					"%s at once on an empty database, which a Job migrates"
						.formatted((pods == 1) ? "1 pod" : pods + " pods"));
			checks.addAll(new JobChecks(third).run());
			checks.addAll(roles.check(migrations()));
			BackgroundOutcome fourth = new BackgroundRollout(server.createDatabase("parcels_in_the_background"), jar,
					logs, probe, this.out)
				.run(4, Math.min(replicas, MAX_SERVING));
			checks.addAll(new BackgroundChecks(fourth).run());
			// last, because it may leave locks behind
			Comparison comparison = compare(rollouts.get(0), options,
					new PlainRollout(server.createDatabase("parcels_with_flyway_alone"), jar, logs, probe, this.out),
					server.way());
			rollouts.add(third);
			return new DemoReport(this.target, logs, this.out).tell(rollouts, fourth.rollout(), comparison, checks);
		}
	}

	/** The second time only if the first one left a schema. */
	private static List<RolloutTimeline> runTwice(Rollout rollout, int replicas)
			throws IOException, InterruptedException {
		RolloutTimeline first = rollout.run(1, replicas, onAnEmptyDatabase(replicas));
		if (!first.isReady()) {
			return List.of(first);
		}
		return List.of(first, rollout.run(2, replicas, atOnce(replicas) + ", the schema is at head already"));
	}

	private static Comparison compare(RolloutTimeline headlock, DemoOptions options, PlainRollout rollout, String way)
			throws IOException, InterruptedException {
		Duration limit = options.limit().orElseGet(() -> PlainRollout.limit(headlock));
		String title = onAnEmptyDatabase(options.replicas());
		Optional<RolloutTimeline> plain = limit.isZero() ? Optional.empty()
				: Optional.of(rollout.run(5, options.replicas(), title + ", with Flyway alone", limit));
		return new Comparison("%s, %s".formatted(title, way), headlock, plain);
	}

	private static String onAnEmptyDatabase(int replicas) {
		return atOnce(replicas) + " on an empty database";
	}

	private static String atOnce(int replicas) {
		return (replicas == 1) ? "1 replica" : replicas + " replicas at once";
	}

	private int migrations() throws IOException {
		try (Stream<Path> files = Files.list(this.target.resolve("classes/db/migration"))) {
			return (int) files.count();
		}
	}

	private Path only(String glob) throws IOException {
		try (var files = Files.newDirectoryStream(this.target, glob)) {
			for (Path file : files) {
				return file;
			}
		}
		throw new IOException("There is no %s in %s: build it first".formatted(glob, this.target));
	}

}
