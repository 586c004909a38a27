package io.github.headlock.benchmark;

import java.util.List;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What the replicas of a rollout have told until now.
 */
final class ReplicaEvents {

	private static final Pattern LINE = Pattern.compile("(?m)^REPLICA (\\d+) (released|ready|failed)(.*)\\R");

	private final List<MatchResult> events;

	/** Reads the output of their process. */
	ReplicaEvents(String log) {
		this.events = LINE.matcher(log).results().toList();
	}

	/** When they were let go, in microseconds since the epoch; empty before. */
	OptionalLong released() {
		return moments("released").stream().mapToLong(Long::longValue).findFirst();
	}

	/** When each of them became ready, in microseconds since the epoch. */
	List<Long> ready() {
		return moments("ready");
	}

	/** Why starts failed. */
	List<String> failures() {
		return this.events.stream()
			.filter((event) -> event.group(2).equals("failed"))
			.map((event) -> event.group(3).strip())
			.toList();
	}

	private List<Long> moments(String kind) {
		return this.events.stream()
			.filter((event) -> event.group(2).equals(kind))
			.map((event) -> Long.valueOf(event.group(1)))
			.toList();
	}

}
