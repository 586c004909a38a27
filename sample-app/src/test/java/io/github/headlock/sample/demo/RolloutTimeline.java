package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Holds what happened in one rollout.
 *
 * @param title what was rolled out, and on what
 * @param replicas the replicas, by number, after the Job if there was one
 * @param locksLeft advisory locks in the database when all replicas were ready and still
 * running
 */
record RolloutTimeline(String title, List<ReplicaTimeline> replicas, int locksLeft) {

	boolean isReady() {
		return this.replicas.stream().allMatch(ReplicaTimeline::isReady);
	}

	long count(String outcome) {
		return this.replicas.stream().filter((replica) -> replica.hasOutcome(outcome)).count();
	}

	/** When the last replica was ready, or was given up. */
	Duration end() {
		return this.replicas.stream().map(ReplicaTimeline::end).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
	}

}
