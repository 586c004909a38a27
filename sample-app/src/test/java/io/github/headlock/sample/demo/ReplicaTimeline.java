package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Holds what one replica, or a Job, did in a rollout.
 *
 * @param name name of the replica
 * @param outcome Headlock's outcome, as health or the log tells it; empty if the replica
 * failed
 * @param phases what it did, in order and without gaps; empty if the replica failed
 * @param summary what it did, in words
 */
record ReplicaTimeline(String name, Optional<String> outcome, List<Phase> phases, String summary) {

	static ReplicaTimeline failed(String name, String reason) {
		return new ReplicaTimeline(name, Optional.empty(), List.of(), "FAILED: " + reason);
	}

	boolean isReady() {
		return this.outcome.isPresent();
	}

	boolean hasOutcome(String id) {
		return this.outcome.filter(id::equals).isPresent();
	}

	/** When the process was started, since the rollout began. */
	Duration started() {
		return this.phases.isEmpty() ? Duration.ZERO : this.phases.get(0).from();
	}

	Optional<Phase> phase(Phase.Kind kind) {
		return this.phases.stream().filter((phase) -> phase.kind() == kind).findFirst();
	}

	/** When the startup probe said UP, or the Job ended, since the rollout began. */
	Duration ready() {
		return this.phases.isEmpty() ? Duration.ZERO : this.phases.get(this.phases.size() - 1).to();
	}

}
