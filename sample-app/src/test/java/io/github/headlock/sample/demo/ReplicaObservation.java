package io.github.headlock.sample.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Makes a timeline of what was seen of a replica from outside.
 *
 * @param name name of the replica
 * @param origin what the times of the timeline count from
 * @param started when the process was started
 * @param refused when the startup probe first said OUT_OF_SERVICE, empty if it never did
 * @param ready when the startup probe said UP, or a Job ended
 * @param start what the probe told about Headlock's part
 */
record ReplicaObservation(String name, Instant origin, Instant started, Optional<Instant> refused, Instant ready,
		StartupProbe.Start start) {

	ReplicaTimeline timeline(ReplicaLog log) {
		Instant schemaReady = log.databaseReady()
			.orElseThrow(
					() -> new IllegalStateException(this.name + " is UP, but its log has no 'Database ready' line"));
		return ReplicaTimeline.ready(this.name, this.start.outcome(), phases(log, schemaReady),
				summary(log, schemaReady));
	}

	private List<Phase> phases(ReplicaLog log, Instant schemaReady) {
		if (this.refused.isPresent()) {
			return List.of(phase(Phase.Kind.STARTING, this.started, this.refused.get()),
					phase(Phase.Kind.OUT_OF_SERVICE, this.refused.get(), this.ready));
		}
		Phase finishing = phase(Phase.Kind.FINISHING, schemaReady, this.ready);
		return switch (work()) {
			case "migrated" -> {
				Instant taken = lockTaken(log);
				Instant began = taken.minus(this.start.waited());
				yield List.of(phase(Phase.Kind.STARTING, this.started, began), phase(Phase.Kind.WAITING, began, taken),
						phase(Phase.Kind.MIGRATING, taken, schemaReady), finishing);
			}
			case "waited" -> {
				Instant began = schemaReady.minus(this.start.waited());
				yield List.of(phase(Phase.Kind.STARTING, this.started, began),
						phase(Phase.Kind.WAITING, began, schemaReady), finishing);
			}
			default -> {
				Instant began = schemaReady.minus(this.start.took());
				yield List.of(phase(Phase.Kind.STARTING, this.started, began),
						phase(Phase.Kind.FAST_PATH, began, schemaReady), finishing);
			}
		};
	}

	private Instant lockTaken(ReplicaLog log) {
		return log.lockTaken()
			.orElseThrow(
					() -> new IllegalStateException(this.name + " migrated, but its log has no line about the lock"));
	}

	private Phase phase(Phase.Kind kind, Instant from, Instant to) {
		return new Phase(kind, Duration.between(this.origin, from), Duration.between(this.origin, to));
	}

	/** One that skips migrations has waited, or has found the schema ready. */
	private String work() {
		boolean waited = this.start.outcome().equals("skipped") && !this.start.waited().isZero();
		return waited ? "waited" : this.start.outcome();
	}

	private String summary(ReplicaLog log, Instant schemaReady) {
		if (this.refused.isPresent()) {
			return "OUT_OF_SERVICE for %s, then UP"
				.formatted(Seconds.of(Duration.between(this.refused.get(), this.ready)));
		}
		return switch (work()) {
			case "migrated" -> "migrated in " + Seconds.of(Duration.between(lockTaken(log), schemaReady));
			case "waited" ->
				"waited " + Seconds.of(this.start.waited()) + log.holder().map((holder) -> " for " + holder).orElse("");
			case "fast-path" -> "fast path, " + Seconds.of(this.start.took());
			default -> this.start.outcome();
		};
	}

}
