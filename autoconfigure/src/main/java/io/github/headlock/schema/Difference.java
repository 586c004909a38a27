package io.github.headlock.schema;

import io.github.headlock.history.HistoryRow;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * Describes one thing in which the history differs from the migrations of this release.
 * Equal to another one if the history has the same to say of it.
 *
 * @param text what differs, in words
 * @param row the row that differs, {@code null} if there is none
 * @param pending whether it is a migration that was never applied
 * @param leftOut whether it is one that Flyway does not apply because of its target
 */
record Difference(String text, @Nullable HistoryRow row, boolean pending, boolean leftOut) {

	static Difference of(String text, @Nullable HistoryRow row) {
		return new Difference(text, row, false, false);
	}

	static Difference changed(ResolvedMigration migration, String how, HistoryRow row) {
		return of(name(migration) + how, row);
	}

	static Difference pending(ResolvedMigration migration) {
		return new Difference(name(migration) + " is pending", null, true, false);
	}

	static Difference leftOut(ResolvedMigration migration, MigrationVersion target) {
		return new Difference(name(migration) + " is not applied, because it is above the target " + target.getName(),
				null, true, true);
	}

	private static String name(ResolvedMigration migration) {
		return (migration.getVersion() != null)
				? "version " + migration.getVersion() + " (" + migration.getDescription() + ")"
				: "repeatable migration \"" + migration.getDescription() + "\"";
	}

	@Override
	public String toString() {
		return this.text;
	}

}
