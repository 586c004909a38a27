package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Asks the timelines of a Job and its pods whether all went as promised.
 *
 * @param rollout what happened: first the Job, then the pods
 */
record JobChecks(RolloutTimeline rollout) {

	/** The pause between two looks is 0.75 s at most; the rest is for a busy machine. */
	private static final Duration SOON = Duration.ofSeconds(20);

	List<Check> run() {
		List<ReplicaTimeline> pods = this.rollout.replicas().subList(1, this.rollout.replicas().size());
		ReplicaTimeline job = this.rollout.replicas().get(0);
		long ready = pods.stream().filter((pod) -> pod.hasOutcome("skipped")).count();
		Check done = new Check("third rollout: the Job migrates and ends with 0", job.hasOutcome("migrated"),
				job.summary());
		Check up = new Check("third rollout: every pod is ready and did not migrate", ready == pods.size(),
				"%d of %d".formatted(ready, pods.size()));
		if (!done.kept() || !up.kept()) {
			return List.of(done, up);
		}
		Duration migrated = job.phase(Phase.Kind.MIGRATING).orElseThrow().to();
		return Stream.concat(Stream.of(done, up),
				Stream.of(
						held("third rollout: OUT_OF_SERVICE before the Job, UP after it", pods,
								Phase.Kind.OUT_OF_SERVICE, job.started(), migrated, (pods.size() + 1) / 2),
						held("third rollout: waiting pods go on when the Job is through", pods, Phase.Kind.WAITING,
								job.started(), migrated, pods.size() / 2),
						Check.equal("third rollout: advisory locks while the pods run", 0, this.rollout.locksLeft())))
			.toList();
	}

	/** Began before the Job did, and ended when the schema was ready, not much later. */
	private static Check held(String promise, List<ReplicaTimeline> pods, Phase.Kind kind, Duration before,
			Duration migrated, int expected) {
		List<Phase> phases = pods.stream().flatMap((pod) -> pod.phase(kind).stream()).toList();
		boolean kept = phases.size() == expected && phases.stream()
			.allMatch((phase) -> phase.from().compareTo(before) < 0 && phase.to().compareTo(before) > 0
					&& phase.to().compareTo(migrated.plus(SOON)) < 0);
		String delays = String.join(", ", phases.stream().map((phase) -> delay(phase, migrated)).toList());
		return new Check(promise, kept, phases.isEmpty() ? "no pod" : "after " + delays);
	}

	/** The Job's log may tell of a schema a little later than a pod has seen it. */
	private static String delay(Phase phase, Duration migrated) {
		Duration delay = phase.to().minus(migrated);
		return Seconds.of(delay.isNegative() ? Duration.ZERO : delay);
	}

}
