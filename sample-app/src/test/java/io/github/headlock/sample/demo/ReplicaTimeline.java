package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Holds what one replica, or a Job, did in a rollout.
 *
 * @param name name of the replica
 * @param ending how it ended
 * @param outcome Headlock's outcome, as health or the log tells it; empty if the replica
 * is not ready or runs without Headlock
 * @param phases what it did, in order and without gaps; empty if that is not known
 * @param summary what it did, in words
 */
record ReplicaTimeline(String name, Ending ending, Optional<String> outcome, List<Phase> phases, String summary) {

	static ReplicaTimeline ready(String name, String outcome, List<Phase> phases, String summary) {
		return new ReplicaTimeline(name, Ending.READY, Optional.of(outcome), phases, summary);
	}

	static ReplicaTimeline failed(String name, String reason) {
		return new ReplicaTimeline(name, Ending.FAILED, Optional.empty(), List.of(), "FAILED: " + reason);
	}

	boolean isReady() {
		return this.ending == Ending.READY;
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

	/**
	 * When the startup probe said UP, the Job ended, the process failed, or the rollout
	 * was given up, since the rollout began.
	 */
	Duration end() {
		return this.phases.isEmpty() ? Duration.ZERO : this.phases.get(this.phases.size() - 1).to();
	}

	/**
	 * How a replica can end.
	 */
	enum Ending {

		/** The startup probe says UP, or the Job has ended with exit code 0. */
		READY('|', "ready: startup probe UP, or Job ended"),

		/** The process has ended, or is not what it should be. */
		FAILED('x', "failed: process ended"),

		/** The process was still starting when the rollout was given up. */
		NEVER_READY('?', "never ready: given up here");

		private final char symbol;

		private final String text;

		Ending(char symbol, String text) {
			this.symbol = symbol;
			this.text = text;
		}

		char symbol() {
			return this.symbol;
		}

		String text() {
			return this.text;
		}

	}

}
