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
 * @param notes what else there is to tell, one sentence each
 */
record RolloutTimeline(String title, List<ReplicaTimeline> replicas, int locksLeft, List<String> notes) {

	RolloutTimeline(String title, List<ReplicaTimeline> replicas, int locksLeft) {
		this(title, replicas, locksLeft, List.of());
	}

	RolloutTimeline withNotes(List<String> notes) {
		return new RolloutTimeline(this.title, this.replicas, this.locksLeft, notes);
	}

	RolloutTimeline withTitle(String title) {
		return new RolloutTimeline(title, this.replicas, this.locksLeft, this.notes);
	}

	boolean isReady() {
		return this.replicas.stream().allMatch(ReplicaTimeline::isReady);
	}

	long ready() {
		return this.replicas.stream().filter(ReplicaTimeline::isReady).count();
	}

	/** How many were ready, and after which time. */
	String result() {
		return "%s after %s".formatted(share(), Seconds.of(end()));
	}

	/** How many were ready. */
	String share() {
		return "%d of %d ready".formatted(ready(), this.replicas.size());
	}

	long count(String outcome) {
		return this.replicas.stream().filter((replica) -> replica.hasOutcome(outcome)).count();
	}

	/** When the last replica was ready, or was given up. */
	Duration end() {
		return this.replicas.stream().map(ReplicaTimeline::end).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
	}

}
