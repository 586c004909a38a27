package io.github.headlock.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Holds what is in force of the history once every row that takes back an earlier one has
 * done so.
 */
public final class AppliedMigrations {

	private final TreeMap<MigrationVersion, HistoryRow> versioned = new TreeMap<>();

	private final Map<String, HistoryRow> repeatable = new HashMap<>();

	private final List<HistoryRow> failed = new ArrayList<>();

	private final List<String> anomalies = new ArrayList<>();

	private @Nullable MigrationVersion baseline;

	/** Highest version whose file was gone when somebody ran Flyway's repair. */
	private @Nullable MigrationVersion repaired;

	/** Versions whose effect the database has, whatever became of their rows. */
	private final Set<MigrationVersion> effective = new HashSet<>();

	/**
	 * Applies the rows one after the other.
	 * @param rows the rows of the history table, in the order of installation
	 */
	public AppliedMigrations(List<HistoryRow> rows) {
		rows.forEach(this::add);
	}

	private void add(HistoryRow row) {
		if (!row.success()) {
			this.failed.add(row);
			return;
		}
		MigrationVersion version = row.version();
		if (!row.isKnownType()) {
			this.anomalies.add(row + " is of unknown type " + PrintableText.name(row.type()));
		}
		if (row.isSchemaMarker() || row.isWithoutEffect()) {
			return;
		}
		if (row.takesBack()) {
			HistoryRow earlier = (version != null) ? this.versioned.remove(version)
					: this.repeatable.remove(row.description());
			if (version != null && row.isDeletion()
					&& (this.repaired == null || version.compareTo(this.repaired) > 0)) {
				this.repaired = version;
			}
			if (version != null && !row.isDeletion()) {
				this.effective.remove(version);
			}
			if (earlier == null) {
				this.anomalies.add(row + " is taken back without having been applied");
			}
			return;
		}
		if (version == null) {
			this.repeatable.put(row.description(), row);
			return;
		}
		this.versioned.put(version, row);
		this.effective.add(version);
		if (row.isBaseline() && (this.baseline == null || version.compareTo(this.baseline) > 0)) {
			this.baseline = version;
		}
	}

	/**
	 * Returns the rows of migrations that failed.
	 * @return the rows, in the order of installation
	 */
	public List<HistoryRow> failed() {
		return this.failed;
	}

	/**
	 * Returns what no Flyway writes, or this Flyway does not know.
	 * @return each anomaly in words, empty if there is none
	 */
	public List<String> anomalies() {
		return this.anomalies;
	}

	/**
	 * Returns whether no version is in force.
	 * @return {@code false} if there is at least one, a baseline included
	 */
	public boolean isEmpty() {
		return this.versioned.isEmpty();
	}

	/**
	 * Returns the highest version in force.
	 * @return the version, {@code null} if there is none
	 */
	public @Nullable MigrationVersion current() {
		return this.versioned.isEmpty() ? null : this.versioned.lastKey();
	}

	/**
	 * Returns the highest version that was ever in force: repair takes back the record of
	 * a migration, not its effect.
	 * @return the version, {@code null} if there was none
	 */
	public @Nullable MigrationVersion reached() {
		MigrationVersion current = current();
		boolean higher = this.repaired != null && (current == null || this.repaired.compareTo(current) > 0);
		return higher ? this.repaired : current;
	}

	/**
	 * Returns whether the database has the effect of a version.
	 * @param version the version
	 * @return whether there is a successful row of it that was not undone, or a baseline
	 * at or above it
	 */
	public boolean isEffective(MigrationVersion version) {
		return this.effective.contains(version) || isCoveredByBaseline(version);
	}

	/**
	 * Returns whether a version is below one that was applied or failed, as Flyway sees
	 * it.
	 * @param version the version
	 * @return whether it would be applied out of order
	 */
	public boolean isBelowCurrent(MigrationVersion version) {
		MigrationVersion current = current();
		return (current != null && version.compareTo(current) < 0) || this.failed.stream()
			.map(HistoryRow::version)
			.anyMatch((failed) -> failed != null && version.compareTo(failed) < 0);
	}

	/**
	 * Returns whether the baseline stands for everything up to a version.
	 * @param version the version
	 * @return {@code false} if there is no baseline, or one below it
	 */
	public boolean isCoveredByBaseline(MigrationVersion version) {
		return this.baseline != null && version.compareTo(this.baseline) <= 0;
	}

	/**
	 * Returns the row of a version.
	 * @param version the version
	 * @return the row in force, {@code null} if there is none
	 */
	public @Nullable HistoryRow versioned(MigrationVersion version) {
		return this.versioned.get(version);
	}

	/**
	 * Returns the last row of a repeatable migration.
	 * @param description its description
	 * @return the row in force, {@code null} if there is none
	 */
	public @Nullable HistoryRow repeatable(String description) {
		return this.repeatable.get(description);
	}

	/**
	 * Returns the rows of all versions in force.
	 * @return the rows, in the order of their versions
	 */
	public Iterable<HistoryRow> versionedRows() {
		return this.versioned.values();
	}

	/**
	 * Returns the last rows of all repeatable migrations in force.
	 * @return the rows, in no order
	 */
	public Iterable<HistoryRow> repeatableRows() {
		return this.repeatable.values();
	}

}
