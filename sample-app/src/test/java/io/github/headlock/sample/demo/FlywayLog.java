package io.github.headlock.sample.demo;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import io.github.headlock.testbed.ProcessLog;

/**
 * What the log of a replica says that runs Flyway without Headlock.
 */
final class FlywayLog {

	private static final Pattern CONTACT = Pattern.compile("^(\\S+) .*HikariPool-1 - Starting");

	private static final Pattern CONNECTED = Pattern.compile("^(\\S+) .*Database: jdbc:");

	private static final Pattern MIGRATING = Pattern
		.compile("^(\\S+) .*Migrating schema \"[^\"]*\" (?:to version|with repeatable migration) \"(.+)\"");

	private static final Pattern DONE = Pattern
		.compile("^(\\S+) .*(?:Successfully applied \\d+ migration|Schema .* is up to date)");

	private static final Pattern CAUSE = Pattern.compile("^Caused by: [\\w.$]+: (.+)");

	private static final Pattern FLYWAY_CAUSE = Pattern.compile("^Caused by: org\\.flywaydb\\.[\\w.$]+: (.+)");

	private static final String DESCRIPTION = "Description:";

	private final ProcessLog log;

	FlywayLog(ProcessLog log) {
		this.log = log;
	}

	/** When the replica first asked for a connection, if it did. */
	Optional<Instant> contact() {
		return this.log.find(CONTACT).map(FlywayLog::time);
	}

	/** Whether Flyway had a connection to the database. */
	boolean isConnected() {
		return this.log.find(CONNECTED).isPresent();
	}

	/** When the first migration began, if one did. */
	Optional<Instant> migrationBegan() {
		return this.log.find(MIGRATING).map(FlywayLog::time);
	}

	/** The migration that began last, as Flyway names it. */
	Optional<String> lastMigration() {
		return this.log.lines()
			.stream()
			.flatMap((line) -> MIGRATING.matcher(line).results())
			.map((match) -> match.group(2))
			.reduce((earlier, later) -> later);
	}

	/** When Flyway had no migration left, if it came to that. */
	Optional<Instant> migrationEnded() {
		return this.log.find(DONE).map(FlywayLog::time);
	}

	/** Why it failed: the failure analysis, or else what Flyway said, or the driver. */
	Optional<String> failure() {
		List<String> lines = this.log.lines();
		Optional<String> description = lines.stream()
			.dropWhile((line) -> !line.equals(DESCRIPTION))
			.skip(1)
			.filter((line) -> !line.isBlank())
			.findFirst();
		return description.or(() -> innermost(FLYWAY_CAUSE, lines))
			.or(() -> innermost(CAUSE, lines))
			.map((text) -> text.split("\\. ", 2)[0]);
	}

	private static Optional<String> innermost(Pattern cause, List<String> lines) {
		return lines.stream()
			.flatMap((line) -> cause.matcher(line).results())
			.map((match) -> match.group(1))
			.reduce((outer, inner) -> inner);
	}

	private static Instant time(MatchResult match) {
		return OffsetDateTime.parse(match.group(1)).toInstant();
	}

}
