package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts replicas at once with Headlock switched off, waits until all are ready or a
 * limit is over, and kills them. Nothing is expected of them: what they did is told.
 *
 * @param database the database of all replicas
 * @param jar the packaged application
 * @param logs folder for the replicas' logs
 * @param probe asks the replicas whether they are ready
 * @param out where progress goes
 */
record PlainRollout(DemoDatabase database, Path jar, Path logs, StartupProbe probe, PrintStream out) {

	/** As if the dependency were not there. */
	private static final List<String> WITHOUT_HEADLOCK = List.of("--headlock.enabled=false");

	/** By how much it may take longer than with Headlock. */
	private static final Duration LONGER = Duration.ofSeconds(30);

	/**
	 * Tells how long to wait if the user did not say.
	 * @param rollout the same rollout with Headlock
	 * @return the limit
	 */
	static Duration limit(RolloutTimeline rollout) {
		return rollout.end().plus(LONGER);
	}

	/**
	 * Runs the rollout.
	 * @param number number of this rollout
	 * @param size number of replicas
	 * @param title its title
	 * @param limit longest wait
	 * @return what happened
	 */
	RolloutTimeline run(int number, int size, String title, Duration limit) throws IOException, InterruptedException {
		this.out.printf("%nRollout %d: %s, for at most %s%n", number, title, Seconds.of(limit));
		try (Replicas replicas = new Replicas(this.jar, this.logs.resolve("rollout-" + number), this.out)) {
			List<ReplicaProcess> processes = new ArrayList<>();
			for (int i = 1; i <= size; i++) {
				processes.add(replicas.start("replica-" + i,
						Stream.concat(this.database.access().stream(), WITHOUT_HEADLOCK.stream()).toList()));
			}
			List<ReplicaTimeline> timelines = replicas.watch(processes, this.probe, limit);
			RolloutTimeline rollout = new RolloutTimeline("Rollout %d: %s".formatted(number, title), timelines,
					this.database.advisoryLocks());
			List<String> notes = rollout.isReady() ? List.of() : new ServerSessions(this.database).notes();
			// one that hangs would not heed a request to stop
			processes.forEach(ReplicaProcess::kill);
			return rollout.withNotes(notes);
		}
	}

}
