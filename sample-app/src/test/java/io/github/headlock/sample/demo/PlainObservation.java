package io.github.headlock.sample.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes a timeline of what was seen from outside of a replica without Headlock.
 *
 * @param name name of the replica
 * @param origin what the times of the timeline count from
 * @param started when the process was started
 * @param end when the startup probe said UP, the process ended, or the rollout was given
 * up
 * @param ending which of them it was
 */
record PlainObservation(String name, Instant origin, Instant started, Instant end, ReplicaTimeline.Ending ending) {

	ReplicaTimeline timeline(FlywayLog log, Optional<Integer> exitCode) {
		return new ReplicaTimeline(this.name, this.ending, Optional.empty(), phases(log),
				summary(log, exitCode.map("exit code %d"::formatted).orElse("the process ended")));
	}

	private List<Phase> phases(FlywayLog log) {
		Instant contact = log.contact().orElse(this.end);
		Instant done = log.migrationEnded().orElse(this.end);
		Instant began = log.migrationBegan().orElse(done);
		List<Phase> phases = new ArrayList<>();
		add(phases, Phase.Kind.STARTING, this.started, contact);
		add(phases, Phase.Kind.WAITING, contact, began);
		add(phases, Phase.Kind.MIGRATING, began, done);
		add(phases, Phase.Kind.FINISHING, done, this.end);
		return phases;
	}

	private void add(List<Phase> phases, Phase.Kind kind, Instant from, Instant to) {
		if (from.isBefore(to)) {
			phases.add(new Phase(kind, Duration.between(this.origin, from), Duration.between(this.origin, to)));
		}
	}

	private String summary(FlywayLog log, String exit) {
		return switch (this.ending) {
			case READY -> ready(log);
			case FAILED, REFUSED -> log.failure().map((reason) -> exit + ": " + reason).orElse(exit);
			case NEVER_READY -> unfinished(log);
		};
	}

	private static String ready(FlywayLog log) {
		Optional<String> migrated = log.migrationBegan()
			.flatMap((began) -> log.migrationEnded().map((ended) -> Duration.between(began, ended)))
			.map((took) -> "migrated in " + Seconds.of(took));
		return migrated.or(() -> waited(log)).orElse("ready");
	}

	private static Optional<String> waited(FlywayLog log) {
		return log.contact()
			.flatMap((contact) -> log.migrationEnded().map((ended) -> Duration.between(contact, ended)))
			.map((waited) -> "waited " + Seconds.of(waited));
	}

	private static String unfinished(FlywayLog log) {
		if (log.contact().isEmpty() || log.migrationEnded().isPresent()) {
			return "still starts";
		}
		return log.lastMigration()
			.map((migration) -> "still migrates: " + migration)
			.orElse(log.isConnected() ? "still waits for the lock or a connection" : "still waits for a connection");
	}

}
