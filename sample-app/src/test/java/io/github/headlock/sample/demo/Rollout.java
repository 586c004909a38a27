package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Starts replicas at once, waits until all are ready, and stops them.
 *
 * @param database the database of all replicas
 * @param jar the packaged application
 * @param logs folder for the replicas' logs
 * @param probe asks the replicas whether they are ready
 * @param out where progress goes
 */
record Rollout(DemoDatabase database, Path jar, Path logs, StartupProbe probe, PrintStream out) {

	private static final int TAIL = 40;

	RolloutTimeline run(int number, int size, String title) throws IOException, InterruptedException {
		this.out.printf("%nRollout %d: %s%n", number, title);
		Files.createDirectories(this.logs);
		Instant began = Instant.now();
		List<ReplicaProcess> replicas = new ArrayList<>();
		try {
			for (int i = 1; i <= size; i++) {
				Path log = this.logs.resolve("rollout-%d-replica-%d.log".formatted(number, i));
				replicas.add(ReplicaProcess.start("replica-" + i, this.jar, this.database.url(), log));
			}
			List<ReplicaTimeline> timelines = awaitReady(replicas, began);
			return new RolloutTimeline("Rollout %d: %s".formatted(number, title), timelines,
					this.database.advisoryLocks());
		}
		finally {
			replicas.forEach(ReplicaProcess::stop);
			for (ReplicaProcess replica : replicas) {
				replica.close();
			}
		}
	}

	private List<ReplicaTimeline> awaitReady(List<ReplicaProcess> replicas, Instant began) throws InterruptedException {
		ExecutorService executor = Executors.newFixedThreadPool(replicas.size());
		try {
			List<Future<ReplicaTimeline>> futures = replicas.stream()
				.map((replica) -> executor.submit(() -> awaitReady(replica, began)))
				.toList();
			List<ReplicaTimeline> timelines = new ArrayList<>();
			for (Future<ReplicaTimeline> future : futures) {
				timelines.add(future.get());
			}
			return timelines;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
		finally {
			executor.shutdownNow();
		}
	}

	private ReplicaTimeline awaitReady(ReplicaProcess replica, Instant began) {
		ReplicaTimeline timeline = replica.awaitReady(this.probe, began);
		synchronized (this.out) {
			if (timeline.isReady()) {
				this.out.printf("  %-10s ready after %s (%s)%n", timeline.name(), Seconds.of(timeline.ready()),
						timeline.summary());
			}
			else {
				this.out.printf("  %-10s %s; the end of %s:%n", timeline.name(), timeline.summary(), replica.log());
				replica.log().tail(TAIL).forEach((line) -> this.out.println("    " + line));
			}
		}
		return timeline;
	}

}
