package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Rollouts that always look the same.
 */
final class FixedRollouts {

	private FixedRollouts() {
	}

	/** One with a replica of every kind, and one with a replica that failed. */
	static List<RolloutTimeline> all() {
		return List.of(new RolloutTimeline("First <rollout> & more", List.of(migrated(), waited(), fastPath()), 0),
				new RolloutTimeline("Second",
						List.of(ReplicaTimeline.failed("replica-4", "the process ended with exit code 1")), 0));
	}

	/** With Flyway alone: two replicas that were given up, and one that failed. */
	static RolloutTimeline noneReady() {
		return new RolloutTimeline("Alone",
				List.of(plain("replica-1", ReplicaTimeline.Ending.NEVER_READY, "still waits for a connection",
						phase(Phase.Kind.STARTING, 0, 5000), phase(Phase.Kind.WAITING, 5000, 30_000)),
						plain("replica-2", ReplicaTimeline.Ending.NEVER_READY, "still migrates: 4 - index",
								phase(Phase.Kind.STARTING, 0, 5000), phase(Phase.Kind.MIGRATING, 5000, 30_000)),
						plain("replica-3", ReplicaTimeline.Ending.FAILED, "exit code 1: Number of retries exceeded",
								phase(Phase.Kind.STARTING, 0, 5000), phase(Phase.Kind.WAITING, 5000, 12_000))),
				1)
			.withNotes(List.of("2 x idle in transaction: SELECT <1>"));
	}

	/** With Flyway alone, which works for once. */
	static RolloutTimeline allReady() {
		return new RolloutTimeline("Alone",
				List.of(plain("replica-1", ReplicaTimeline.Ending.READY, "migrated in 4.0 s",
						phase(Phase.Kind.STARTING, 0, 5000), phase(Phase.Kind.MIGRATING, 5000, 9000),
						phase(Phase.Kind.FINISHING, 9000, 12_000)),
						plain("replica-2", ReplicaTimeline.Ending.READY, "waited 4.0 s",
								phase(Phase.Kind.STARTING, 0, 5000), phase(Phase.Kind.WAITING, 5000, 9000),
								phase(Phase.Kind.FINISHING, 9000, 11_000))),
				0);
	}

	/** A column is filled, and the next release is refused and then accepted. */
	static RolloutTimeline background() {
		ReplicaTimeline accepted = ReplicaTimeline.ready(
				"next-2", "migrated", List.of(phase(Phase.Kind.STARTING, 25_000, 28_000),
						phase(Phase.Kind.MIGRATING, 28_000, 29_000), phase(Phase.Kind.FINISHING, 29_000, 30_000)),
				"migrated in 1.0 s");
		return new RolloutTimeline("Rollout 4",
				List.of(fastPath().serving(Duration.ofSeconds(30)),
						ReplicaTimeline.refused("next-1", phase(Phase.Kind.STARTING, 6000, 12_000),
								"fill_tariff is running, 40 %"),
						accepted),
				0)
			.withBackground(Optional.of(progress()))
			.withNotes(List.of("2140 requests answered"));
	}

	/** From the fifth second to the fifteenth, ten percent a second, and a last look. */
	static BackgroundProgress progress() {
		Stream<BackgroundProgress.Sample> filling = IntStream.rangeClosed(0, 9)
			.mapToObj((i) -> sample(5 + i, 1, false, i * 1000));
		return new BackgroundProgress("fill_tariff",
				Stream.concat(filling, Stream.of(sample(15, 2, false, 10_000), sample(29, 2, true, 10_000))).toList());
	}

	private static BackgroundProgress.Sample sample(int second, int pass, boolean finished, int changed) {
		return new BackgroundProgress.Sample(Duration.ofSeconds(second), pass, finished, (pass == 1) ? changed : 0,
				10_000, changed);
	}

	private static ReplicaTimeline plain(String name, ReplicaTimeline.Ending ending, String summary, Phase... phases) {
		return new ReplicaTimeline(name, ending, Optional.empty(), List.of(phases), summary);
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
