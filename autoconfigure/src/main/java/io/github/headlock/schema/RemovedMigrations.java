package io.github.headlock.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.headlock.history.AppliedMigrations;
import io.github.headlock.history.HistoryRow;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is applied and not contained in this release, where Flyway objects to that.
 */
final class RemovedMigrations {

	private final IgnorePatterns ignored;

	private final @Nullable MigrationVersion head;

	/** What Flyway finds each versioned migration by. */
	private final Set<TypedVersion> versioned = new HashSet<>();

	private final Set<String> repeatables;

	/** Applied migrations up to this version need not be contained any more. */
	private final @Nullable MigrationVersion minimum;

	RemovedMigrations(IgnorePatterns ignored, ReleaseMigrations release, Set<String> repeatables,
			@Nullable MigrationVersion minimum) {
		this.ignored = ignored;
		this.head = release.head();
		this.repeatables = repeatables;
		this.minimum = minimum;
		for (ResolvedMigration migration : release.resolved()) {
			if (migration.getVersion() != null) {
				this.versioned.add(new TypedVersion(migration.getType().name(), migration.getVersion()));
			}
		}
	}

	List<Difference> find(AppliedMigrations applied) {
		List<Difference> removed = new ArrayList<>();
		if (!this.ignored.ignoreAll(true) && !this.ignored.ignore(true, MigrationState.MISSING_SUCCESS)) {
			for (HistoryRow row : applied.versionedRows()) {
				boolean contained = row.isBaselineMarker()
						|| this.versioned.contains(new TypedVersion(row.type(), row.version()));
				if (!contained && !isSquashed(row) && !isPassedOverAsFuture(row)) {
					removed.add(removed(row));
				}
			}
		}
		if (!this.ignored.ignoreAll(false) && !this.ignored.ignore(false, MigrationState.MISSING_SUCCESS)) {
			for (HistoryRow row : applied.repeatableRows()) {
				if (!this.repeatables.contains(row.description())) {
					removed.add(removed(row));
				}
			}
		}
		return removed;
	}

	private static Difference removed(HistoryRow row) {
		return Difference.of(row + " was applied, but is not contained in this release", row);
	}

	/** Flyway is told to pass over these, see {@code DerivedFlyway}. */
	private boolean isSquashed(HistoryRow row) {
		MigrationVersion version = row.version();
		return this.minimum != null && version != null && version.compareTo(this.minimum) <= 0
				&& (this.head == null || version.compareTo(this.head) <= 0);
	}

	/**
	 * Flyway counts a removed migration of the very head among those of a later release.
	 */
	private boolean isPassedOverAsFuture(HistoryRow row) {
		return this.head != null && row.version() != null && row.version().compareTo(this.head) >= 0
				&& this.ignored.ignore(true, MigrationState.FUTURE_SUCCESS);
	}

	/**
	 * A version with its type. Versions are equal if Flyway takes them for the same, as 1
	 * and 1.0.
	 */
	private record TypedVersion(String type, @Nullable MigrationVersion version) {
	}

}
