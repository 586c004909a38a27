package io.github.headlock.schema;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.github.headlock.history.HistoryRow;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Compares the texts of repeatable migrations in a process that does not migrate: they
 * may have placeholders whose values only the process that does has. Thread-safe.
 */
final class RepeatableTexts {

	/** For a process that migrates, and so has the values that count. */
	static final RepeatableTexts OF_MIGRATOR = new RepeatableTexts(Set.of(), Set.of(), (user) -> Map.of());

	private final Set<String> userDependent;

	private final Set<String> unknown;

	private final Function<String, Map<String, @Nullable Integer>> checksums;

	private final Map<String, Map<String, @Nullable Integer>> byUser = new ConcurrentHashMap<>();

	/**
	 * Creates the comparison.
	 * @param userDependent scripts with the name of the role that applies them
	 * @param unknown scripts with a placeholder that has no value here
	 * @param checksums finds the checksum of each script for a role
	 */
	RepeatableTexts(Set<String> userDependent, Set<String> unknown,
			Function<String, Map<String, @Nullable Integer>> checksums) {
		this.userDependent = userDependent;
		this.unknown = unknown;
		this.checksums = checksums;
	}

	/** Scripts whose texts cannot be compared here. */
	Set<String> unknown() {
		return this.unknown;
	}

	boolean match(ResolvedMigration migration, HistoryRow row) {
		String script = migration.getScript();
		if (this.unknown.contains(script)) {
			return true;
		}
		String user = row.installedBy();
		if (user == null || !this.userDependent.contains(script)) {
			return migration.checksumMatches(row.checksum());
		}
		Integer checksum = this.byUser.computeIfAbsent(user, this.checksums).get(script);
		return checksum != null && checksum.equals(row.checksum());
	}

}
