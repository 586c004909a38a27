package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts pods whose release fills a column of the parcels while they serve. Meanwhile the
 * next release, which needs it filled, comes too early. When all rows are filled, it
 * comes again.
 *
 * @param database the database of all of them
 * @param jar the packaged application
 * @param logs folder for the logs
 * @param probe asks the pods whether they are ready
 * @param out where progress goes
 */
record BackgroundRollout(DemoDatabase database, Path jar, Path logs, StartupProbe probe, PrintStream out) {

	/** So many that it takes a while to fill them. */
	static final int PARCELS = 200_000;

	private static final String IMPORT = "--spring.flyway.placeholders.imported_parcels=" + PARCELS;

	private static final String NEXT_RELEASE = "--spring.flyway.locations=classpath:db/migration,classpath:db/next-release";

	/** By default a start finishes what takes less than a minute, and this would. */
	private static final String FINISH_NOTHING = "--headlock.background.finalize-within=0s";

	/**
	 * Runs.
	 * @param number number of this rollout
	 * @param size number of pods
	 * @return what happened: first the pods, then the next release, twice
	 */
	BackgroundOutcome run(int number, int size) throws IOException, InterruptedException {
		String title = "Rollout %d: a column is filled while %s".formatted(number,
				(size == 1) ? "1 pod serves" : size + " pods serve");
		this.out.printf("%n%s%n", title);
		try (Replicas replicas = new Replicas(this.jar, this.logs.resolve("rollout-" + number), this.out);
				Traffic traffic = new Traffic();
				BackgroundWatch watch = new BackgroundWatch(this.database, replicas.began(), traffic, this.out)
					.start()) {
			List<ReplicaProcess> processes = new ArrayList<>();
			for (int i = 1; i <= size; i++) {
				processes.add(replicas.start("pod-" + i, arguments()));
			}
			List<ReplicaTimeline> pods = replicas.awaitReady(processes, this.probe);
			if (!pods.stream().allMatch(ReplicaTimeline::isReady)) {
				return BackgroundOutcome.withoutPods(new RolloutTimeline(title, pods, 0));
			}
			traffic.begin(processes.stream().map((pod) -> pod.log().port().orElseThrow()).toList());
			ParcelSchema before = ParcelSchema.of(this.database);
			ReplicaTimeline early = replicas
				.awaitRefused(replicas.start("next-1", arguments(NEXT_RELEASE, FINISH_NOTHING)));
			ParcelSchema afterRefusal = ParcelSchema.of(this.database);
			if (!watch.awaitFilled()) {
				this.out.println("  the column is not filled in time");
			}
			ReplicaTimeline accepted = replicas
				.awaitReady(List.of(replicas.start("next-2", arguments(NEXT_RELEASE))), this.probe)
				.get(0);
			Answers answers = traffic.end();
			Duration end = Duration.between(replicas.began(), Instant.now());
			List<ReplicaTimeline> all = Stream
				.concat(pods.stream().map((pod) -> pod.serving(end)), Stream.of(early, accepted))
				.toList();
			return new BackgroundOutcome(
					new RolloutTimeline(title, all, this.database.lastingAdvisoryLocks()).withBackground(watch.end())
						.withNotes(notes(answers)),
					size, before, afterRefusal, ParcelSchema.of(this.database), answers);
		}
	}

	private static List<String> notes(Answers answers) {
		return List.of("Meanwhile: " + answers,
				"next-1 may finish nothing itself: headlock.background.finalize-within=0s",
				"next-2 may, as by default, and looks once more for rows to change");
	}

	private List<String> arguments(String... more) {
		return Stream.of(this.database.access().stream(), Stream.of(IMPORT), Stream.of(more))
			.flatMap((arguments) -> arguments)
			.toList();
	}

}
