package io.github.headlock.history;

import java.util.List;

import org.flywaydb.core.api.resolver.ResolvedMigration;

/**
 * The history of a database to which migrations were applied.
 */
public final class AppliedRows {

	private AppliedRows() {
	}

	/**
	 * Makes the history.
	 * @param migrations the migrations, each of them applied
	 * @return the history
	 */
	public static History of(List<ResolvedMigration> migrations) {
		return new History(true, migrations.stream().map(AppliedRows::row).toList(), false, false, false);
	}

	private static HistoryRow row(ResolvedMigration migration) {
		return new HistoryRow(migration.getVersion(), migration.getDescription(), migration.getType().name(),
				HistoryRow.Role.APPLIES, migration.getScript(), migration.getChecksum(), true, "shop");
	}

}
