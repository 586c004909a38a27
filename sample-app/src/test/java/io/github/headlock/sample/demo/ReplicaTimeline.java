package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

	/** One that was not let upgrade the schema. */
	static ReplicaTimeline refused(String name, Phase until, String reason) {
		return new ReplicaTimeline(name, Ending.REFUSED, Optional.empty(), List.of(until),
				"refused with exit code 11: " + reason);
	}

	/** The same replica, which has served from its start on. */
	ReplicaTimeline serving(Duration until) {
		return new ReplicaTimeline(this.name, this.ending, this.outcome,
				Stream.concat(this.phases.stream(), Stream.of(new Phase(Phase.Kind.SERVING, end(), until))).toList(),
				this.summary);
	}

	boolean isReady() {
		return this.ending == Ending.READY;
	}

	/** Whether it is neither ready nor one that was to be refused. */
	boolean isBad() {
		return !isReady() && this.ending != Ending.REFUSED;
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
	 * When the startup probe said UP, the Job ended, the process failed or was refused,
	 * or the rollout was given up, since the rollout began.
	 */
	Duration end() {
		return phase(Phase.Kind.SERVING).map(Phase::from).orElseGet(this::shownUntil);
	}

	/** When the last of its phases ended, since the rollout began. */
	Duration shownUntil() {
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

		/** The process has ended because its release must not upgrade the schema yet. */
		REFUSED('!', "refused: exit code 11, nothing changed"),

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
