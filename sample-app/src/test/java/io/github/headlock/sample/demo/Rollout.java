package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts replicas at once, each of which would migrate, waits until all are ready, and
 * stops them.
 *
 * @param database the database of all replicas
 * @param jar the packaged application
 * @param logs folder for the replicas' logs
 * @param probe asks the replicas whether they are ready
 * @param out where progress goes
 */
record Rollout(DemoDatabase database, Path jar, Path logs, StartupProbe probe, PrintStream out) {

	RolloutTimeline run(int number, int size, String title) throws IOException, InterruptedException {
		this.out.printf("%nRollout %d: %s%n", number, title);
		try (Replicas replicas = new Replicas(this.jar, this.logs.resolve("rollout-" + number), this.out)) {
			List<ReplicaProcess> processes = new ArrayList<>();
			for (int i = 1; i <= size; i++) {
				processes.add(replicas.start("replica-" + i, this.database.access()));
			}
			List<ReplicaTimeline> timelines = replicas.awaitReady(processes, this.probe);
			return new RolloutTimeline("Rollout %d: %s".formatted(number, title), timelines,
					this.database.lastingAdvisoryLocks());
		}
	}

}
