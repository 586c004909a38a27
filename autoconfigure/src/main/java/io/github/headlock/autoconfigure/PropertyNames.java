package io.github.headlock.autoconfigure;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Knows the names of Headlock's properties, in every spelling that Spring Boot binds, and
 * tells which one was meant.
 */
final class PropertyNames {

	/** Whoever comes as near to a name as this meant it. */
	private static final int MAX_EDITS = 2;

	/** An index stands for any. */
	static final Set<String> ALL = Set.of("headlock.enabled", "headlock.fast-path", "headlock.skip-migrations",
			"headlock.on-schema-behind", "headlock.schema-wait-timeout", "headlock.exit-after-migration",
			"headlock.on-schema-ahead", "headlock.lock.timeout", "headlock.lock.poll-interval",
			"headlock.ddl.lock-timeout", "headlock.ddl.max-attempts", "headlock.minimum-schema-version",
			"headlock.required-stops", "headlock.required-stops[0].schema-version",
			"headlock.required-stops[0].release", "headlock.required-stops[0].reason", "headlock.skip-required-stop",
			"headlock.sessions.roles", "headlock.sessions.roles[0]", "headlock.terminate-db-sessions",
			"headlock.sessions.drain-timeout", "headlock.sessions.block-with", "headlock.background.run",
			"headlock.background.locations", "headlock.background.locations[0]", "headlock.background.workers",
			"headlock.background.target-duration", "headlock.background.batch-timeout", "headlock.background.load",
			"headlock.background.finalize-within", "headlock.background.skip",
			"headlock.background.max-replication-lag", "headlock.background.max-wal-rate", "headlock.background.finish",
			"headlock.background.finish-timeout", "headlock.record-released-migrations");

	static final Set<String> DURATIONS = Set.of("headlock.schema-wait-timeout", "headlock.lock.timeout",
			"headlock.lock.poll-interval", "headlock.ddl.lock-timeout", "headlock.sessions.drain-timeout",
			"headlock.background.target-duration", "headlock.background.batch-timeout",
			"headlock.background.finalize-within", "headlock.background.max-replication-lag",
			"headlock.background.finish-timeout");

	/** What Kubernetes puts into the environment for a service of a similar name. */
	private static final Pattern SERVICE_LINK = Pattern
		.compile("HEADLOCK(_\\w+)?_(PORT(_\\w+)?|SERVICE_HOST|SERVICE_PORT(_\\w+)?)");

	private static final Pattern INDEX = Pattern.compile("(?<=[\\[_])\\d+(?=[\\]_]|$)");

	private PropertyNames() {
	}

	/**
	 * Returns whether a key of a property source is meant for Headlock. One that is
	 * spelled as a variable of the environment is meant for it elsewhere, too, although
	 * Spring Boot does not bind it there.
	 */
	static boolean concerns(String key) {
		String name = key.toLowerCase(Locale.ROOT);
		return name.startsWith("headlock.")
				|| (name.startsWith("headlock_") && !SERVICE_LINK.matcher(name.toUpperCase(Locale.ROOT)).matches());
	}

	/**
	 * Returns whether Spring Boot binds the key.
	 */
	static boolean isKnown(String key, boolean environment) {
		String name = INDEX.matcher(key).replaceAll("0").toLowerCase(Locale.ROOT);
		return ALL.stream().anyMatch((known) -> isSpelling(name, known, environment));
	}

	/** Groups may be empty: {@code headlock.sessions:} in a file. */
	private static boolean isSpelling(String name, String known, boolean environment) {
		if (environment && name.startsWith("headlock_")) {
			String variable = known.replaceAll("[.\\[]", "_").replace("]", "");
			return name.equals(variable.replace('-', '_')) || name.equals(variable.replace("-", ""));
		}
		String uniform = uniform(name);
		return uniform.equals(uniform(known)) || uniform(known).startsWith(uniform + ".")
				|| uniform(known).startsWith(uniform + "[");
	}

	private static String uniform(String name) {
		return name.replaceAll("[-_]", "");
	}

	/**
	 * Finds the name that was meant: one within two edits, or one of another group.
	 */
	static Optional<String> nearest(String key) {
		String letters = letters(key);
		return new TreeSet<>(ALL).stream()
			.filter((known) -> distance(letters, letters(known)) <= MAX_EDITS || isInWrongGroup(letters, known))
			.min((one, other) -> Integer.compare(distance(letters, letters(one)), distance(letters, letters(other))));
	}

	private static boolean isInWrongGroup(String letters, String known) {
		String leaf = letters(known.substring(known.lastIndexOf('.') + 1));
		// what an element of a list is called, such as "release", is called so elsewhere
		return !known.contains("[0].") && ALL.stream()
			.map((name) -> letters(name.substring(0, name.lastIndexOf('.') + 1)))
			.anyMatch((group) -> letters.equals(group + leaf));
	}

	private static String letters(String name) {
		return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
	}

	/** The Levenshtein distance. */
	private static int distance(String one, String other) {
		int[] above = new int[other.length() + 1];
		for (int j = 0; j <= other.length(); j++) {
			above[j] = j;
		}
		for (int i = 1; i <= one.length(); i++) {
			int[] row = new int[other.length() + 1];
			row[0] = i;
			for (int j = 1; j <= other.length(); j++) {
				int changed = above[j - 1] + ((one.charAt(i - 1) == other.charAt(j - 1)) ? 0 : 1);
				row[j] = Math.min(changed, Math.min(above[j], row[j - 1]) + 1);
			}
			above = row;
		}
		return above[other.length()];
	}

}
