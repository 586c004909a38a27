package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads the log file of a replica, which may still be growing.
 */
final class ReplicaLog {

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private static final Pattern TAKEN = Pattern.compile("^(\\S+) .*Migration lock of .* taken after");

	private static final Pattern HOLDER = Pattern.compile("Waiting for the migration lock .*\"headlock ([^\"]+)\"");

	private static final Pattern WATCHING = Pattern.compile("^(\\S+) .*Waiting for another process to migrate");

	private static final Pattern READY = Pattern.compile("^(\\S+) .*Database ready: ");

	private final Path file;

	ReplicaLog(Path file) {
		this.file = file;
	}

	/** Where the replica listens, once it does. */
	Optional<Integer> port() {
		return find(PORT).map((match) -> Integer.valueOf(match.group(1)));
	}

	/** When the replica took the migration lock, if it did. */
	Optional<Instant> lockTaken() {
		return find(TAKEN).map(ReplicaLog::time);
	}

	/** Whom the replica waited for, if it did. */
	Optional<String> holder() {
		return find(HOLDER).map((match) -> match.group(1));
	}

	/** Whether the replica, which does not migrate, waits for a process that does. */
	boolean isWatching() {
		return find(WATCHING).isPresent();
	}

	boolean contains(String words) {
		return lines().stream().anyMatch((line) -> line.contains(words));
	}

	/** When the schema was ready for the replica. */
	Optional<Instant> databaseReady() {
		return find(READY).map(ReplicaLog::time);
	}

	List<String> tail(int lines) {
		List<String> all = lines();
		return all.subList(Math.max(0, all.size() - lines), all.size());
	}

	private Optional<MatchResult> find(Pattern pattern) {
		return lines().stream().flatMap((line) -> pattern.matcher(line).results()).findFirst();
	}

	private static Instant time(MatchResult match) {
		return OffsetDateTime.parse(match.group(1)).toInstant();
	}

	private List<String> lines() {
		try {
			// not Files.readAllLines: the last character may be half written
			return new String(Files.readAllBytes(this.file), StandardCharsets.UTF_8).lines().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public String toString() {
		return this.file.toString();
	}

}
