package io.github.headlock.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.github.headlock.history.AppliedMigrations;
import io.github.headlock.history.HistoryRow;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what this release would do to the versions of a schema. Pure: the same
 * history gives the same upgrade.
 */
final class UpgradeComparison {

	private final ReleaseMigrations release;

	UpgradeComparison(ReleaseMigrations release) {
		this.release = release;
	}

	/**
	 * Compares what is applied with this release.
	 * @param applied what is applied
	 * @param assumed version that Flyway takes a schema without a history for, which it
	 * then writes as a baseline; {@code null} if it takes it for empty
	 * @return the upgrade
	 */
	Upgrade compare(AppliedMigrations applied, @Nullable MigrationVersion assumed) {
		MigrationVersion reached = applied.reached();
		boolean rerunsBaseline = reached != null && applied.isEmpty() && this.release.squashed() != null;
		return new Upgrade((reached != null) ? reached : assumed, this.release.head(), removed(applied), rerunsBaseline,
				pending(applied, assumed));
	}

	private List<VersionedMigration> removed(AppliedMigrations applied) {
		MigrationVersion head = this.release.head();
		List<VersionedMigration> removed = new ArrayList<>();
		for (HistoryRow row : applied.versionedRows()) {
			MigrationVersion version = row.version();
			if (version != null && !row.isBaselineMarker() && head != null && version.compareTo(head) <= 0
					&& this.release.resolved().stream().noneMatch((migration) -> contains(migration, row))) {
				removed.add(new VersionedMigration(version.toString(), row.description()));
			}
		}
		return removed;
	}

	/** A baseline migration stands for others, but is not one of them. */
	private static boolean contains(ResolvedMigration migration, HistoryRow row) {
		return Objects.equals(migration.getVersion(), row.version())
				&& migration.getType().isBaseline() == row.isBaseline();
	}

	private List<VersionedMigration> pending(AppliedMigrations applied, @Nullable MigrationVersion assumed) {
		MigrationVersion covered = (assumed != null || !applied.isEmpty()) ? assumed : this.release.squashed();
		List<VersionedMigration> pending = new ArrayList<>();
		for (ResolvedMigration migration : this.release.resolved()) {
			MigrationVersion version = migration.getVersion();
			if (version != null && !migration.getType().isBaseline() && !migration.getType().isUndo()
					&& applied.versioned(version) == null && !applied.isCoveredByBaseline(version)
					&& (covered == null || version.compareTo(covered) > 0)) {
				pending.add(new VersionedMigration(version.toString(), migration.getDescription()));
			}
		}
		return pending;
	}

}
