package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;

/**
 * Two rollouts that always look the same: one with a replica of every kind, one with a
 * replica that failed.
 */
final class FixedRollouts {

	private FixedRollouts() {
	}

	static List<RolloutTimeline> all() {
		return List.of(new RolloutTimeline("First <rollout> & more", List.of(migrated(), waited(), fastPath()), 0),
				new RolloutTimeline("Second",
						List.of(ReplicaTimeline.failed("replica-4", "the process ended with exit code 1")), 0));
	}

	private static ReplicaTimeline migrated() {
		return ReplicaTimeline.ready(
				"replica-1", "migrated", List.of(phase(Phase.Kind.STARTING, 0, 4000),
						phase(Phase.Kind.MIGRATING, 4000, 8000), phase(Phase.Kind.FINISHING, 8000, 10_000)),
				"migrated in 4.0 s");
	}

	private static ReplicaTimeline waited() {
		return ReplicaTimeline.ready(
				"replica-2", "waited", List.of(phase(Phase.Kind.STARTING, 500, 5000),
						phase(Phase.Kind.WAITING, 5000, 8000), phase(Phase.Kind.FINISHING, 8000, 9500)),
				"waited 3.0 s for replica-1");
	}

	private static ReplicaTimeline fastPath() {
		return ReplicaTimeline.ready(
				"replica-3", "fast-path", List.of(phase(Phase.Kind.STARTING, 0, 2500),
						phase(Phase.Kind.FAST_PATH, 2500, 3000), phase(Phase.Kind.FINISHING, 3000, 5000)),
				"fast path, 0.5 s");
	}

	private static Phase phase(Phase.Kind kind, int fromMillis, int toMillis) {
		return new Phase(kind, Duration.ofMillis(fromMillis), Duration.ofMillis(toMillis));
	}

}
