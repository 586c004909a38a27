package io.github.headlock.sample.demo;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.github.headlock.testbed.ProcessLog;

/**
 * What the log of a replica says.
 */
final class ReplicaLog {

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private static final Pattern TAKEN = Pattern.compile("^(\\S+) .*Migration lock of .* taken after");

	private static final Pattern HOLDER = Pattern.compile("Waiting for the migration lock .*\"headlock ([^\"]+)\"");

	private static final Pattern WATCHING = Pattern.compile("^(\\S+) .*Waiting for another process to migrate");

	private static final Pattern OBJECTION = Pattern
		.compile("requires the background migration \"([^\"]+)\": (\\w+, \\d+ %)");

	private static final Pattern READY = Pattern.compile("^(\\S+) .*Database (?:not )?ready: ");

	private final ProcessLog log;

	ReplicaLog(ProcessLog log) {
		this.log = log;
	}

	/** Where the replica listens, once it does. */
	Optional<Integer> port() {
		return this.log.find(PORT).map((match) -> Integer.valueOf(match.group(1)));
	}

	/** When the replica took the migration lock, if it did. */
	Optional<Instant> lockTaken() {
		return this.log.find(TAKEN).map(ReplicaLog::time);
	}

	/** Whom the replica waited for, if it did. */
	Optional<String> holder() {
		return this.log.find(HOLDER).map((match) -> match.group(1));
	}

	/** Whether the replica, which does not migrate, waits for a process that does. */
	boolean isWatching() {
		return this.log.find(WATCHING).isPresent();
	}

	/** Which background migration was not far enough for the replica, and how far. */
	Optional<String> objection() {
		return this.log.find(OBJECTION).map((match) -> match.group(1) + " is " + match.group(2));
	}

	/** What the user is told of a start that failed. */
	List<String> explanation() {
		return this.log.lines()
			.stream()
			.dropWhile((line) -> !line.equals("Description:"))
			.filter((line) -> !line.isBlank())
			.toList();
	}

	boolean contains(String words) {
		return this.log.contains(words);
	}

	/** When the schema was ready for the replica. */
	Optional<Instant> databaseReady() {
		return this.log.find(READY).map(ReplicaLog::time);
	}

	List<String> tail(int lines) {
		List<String> all = this.log.lines();
		return all.subList(Math.max(0, all.size() - lines), all.size());
	}

	private static Instant time(MatchResult match) {
		return OffsetDateTime.parse(match.group(1)).toInstant();
	}

	@Override
	public String toString() {
		return this.log.toString();
	}

}
