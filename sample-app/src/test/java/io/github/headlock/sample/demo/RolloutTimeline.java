package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Holds what happened in one rollout.
 *
 * @param title what was rolled out, and on what
 * @param replicas the replicas, by number, after the Job if there was one
 * @param locksLeft advisory locks in the database when all replicas were ready and still
 * running
 * @param background how far a background migration was, empty without any
 * @param notes what else there is to tell, one sentence each
 */
record RolloutTimeline(String title, List<ReplicaTimeline> replicas, int locksLeft,
		Optional<BackgroundProgress> background, List<String> notes) {

	RolloutTimeline(String title, List<ReplicaTimeline> replicas, int locksLeft) {
		this(title, replicas, locksLeft, Optional.empty(), List.of());
	}

	RolloutTimeline withNotes(List<String> notes) {
		return new RolloutTimeline(this.title, this.replicas, this.locksLeft, this.background, notes);
	}

	RolloutTimeline withTitle(String title) {
		return new RolloutTimeline(title, this.replicas, this.locksLeft, this.background, this.notes);
	}

	RolloutTimeline withBackground(Optional<BackgroundProgress> background) {
		return new RolloutTimeline(this.title, this.replicas, this.locksLeft, background, this.notes);
	}

	/** Whether all replicas are ready but those that were refused. */
	boolean isReady() {
		return this.replicas.stream().noneMatch(ReplicaTimeline::isBad);
	}

	long ready() {
		return this.replicas.stream().filter(ReplicaTimeline::isReady).count();
	}

	/** How many were ready, and after which time. */
	String result() {
		return "%s after %s".formatted(share(), Seconds.of(end()));
	}

	/** How many were ready, of those that were not to be refused. */
	String share() {
		long refused = this.replicas.stream()
			.filter((replica) -> replica.ending() == ReplicaTimeline.Ending.REFUSED)
			.count();
		return ((refused > 0) ? "%d refused, ".formatted(refused) : "")
				+ "%d of %d ready".formatted(ready(), this.replicas.size() - refused);
	}

	long count(String outcome) {
		return this.replicas.stream().filter((replica) -> replica.hasOutcome(outcome)).count();
	}

	/** When the last replica was ready, or was given up. */
	Duration end() {
		return latest(ReplicaTimeline::end);
	}

	/** When the last thing happened that a picture shows. */
	Duration shownUntil() {
		return latest(ReplicaTimeline::shownUntil);
	}

	private Duration latest(Function<ReplicaTimeline, Duration> time) {
		return this.replicas.stream().map(time).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
	}

}
