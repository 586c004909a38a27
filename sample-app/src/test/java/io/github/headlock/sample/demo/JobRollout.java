package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts pods at once that never migrate, then the same application as a Job that does
 * nothing else, waits until all are ready, and stops them. Every second pod waits for the
 * schema, the others start without it.
 *
 * @param roles the database roles of Job and pods
 * @param jar the packaged application
 * @param logs folder for the logs
 * @param probe asks the pods whether they are ready
 * @param out where progress goes
 */
record JobRollout(DemoRoles roles, Path jar, Path logs, StartupProbe probe, PrintStream out) {

	static final String JOB = "job";

	/**
	 * Runs.
	 * @param number number of this rollout
	 * @param size number of pods
	 * @param title its title
	 * @return what happened: first the Job, then the pods
	 */
	RolloutTimeline run(int number, int size, String title) throws IOException, InterruptedException {
		this.out.printf("%nRollout %d: %s%n", number, title);
		try (Replicas replicas = new Replicas(this.jar, this.logs.resolve("rollout-" + number), this.out)) {
			List<ReplicaProcess> pods = new ArrayList<>();
			for (int i = 1; i <= size; i++) {
				pods.add(replicas.start("pod-" + i, pod((i % 2 == 0) ? "wait" : "report")));
			}
			long heldUp = Replicas.await(pods, (pod) -> pod.awaitHeldUp(this.probe))
				.stream()
				.filter(Boolean::booleanValue)
				.count();
			this.out.printf("  %d of %d pods are held up: they wait, or say OUT_OF_SERVICE. Starting the Job ...%n",
					heldUp, size);
			ReplicaTimeline job = replicas.awaitDone(replicas.start(JOB, job()));
			List<ReplicaTimeline> timelines = job.isReady() ? replicas.awaitReady(pods, this.probe)
					: pods.stream().map((pod) -> ReplicaTimeline.failed(pod.name(), "the Job is not done")).toList();
			return new RolloutTimeline("Rollout %d: %s".formatted(number, title),
					Stream.concat(Stream.of(job), timelines.stream()).toList(),
					this.roles.database().lastingAdvisoryLocks());
		}
	}

	private List<String> pod(String onSchemaBehind) {
		return concat(this.roles.application(),
				List.of("--headlock.skip-migrations=true", "--headlock.on-schema-behind=" + onSchemaBehind));
	}

	private List<String> job() {
		return concat(concat(this.roles.application(), this.roles.migrator()),
				List.of("--headlock.exit-after-migration=true"));
	}

	private static List<String> concat(List<String> first, List<String> second) {
		return Stream.concat(first.stream(), second.stream()).toList();
	}

}
