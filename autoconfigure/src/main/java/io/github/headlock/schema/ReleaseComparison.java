package io.github.headlock.schema;

import java.util.List;

import io.github.headlock.SchemaState;
import io.github.headlock.SchemaStatus;
import io.github.headlock.history.AppliedMigrations;
import io.github.headlock.history.History;

/**
 * The migrations of this release, and what histories are compared with.
 *
 * @param release the migrations
 * @param head compares them with a history
 * @param upgrade compares their versions with those of a history
 * @param policy decides which upgrades may be made
 */
record ReleaseComparison(ReleaseMigrations release, HeadComparison head, UpgradeComparison upgrade,
		UpgradePolicy policy) {

	/** Compares a history; what an objection of the policy meets is not at head. */
	Comparison compare(History rows) {
		Comparison comparison = compareByPolicy(rows);
		// what is seen is applied, but what is not seen may be as well
		return (rows.rowSecurity() && comparison.status().state() == SchemaState.BEHIND)
				? comparison.unknown("row level security of the history table may hide rows; of those seen, ")
				: comparison;
	}

	private Comparison compareByPolicy(History rows) {
		Comparison comparison = this.head.compare(rows);
		SchemaStatus status = comparison.status();
		if (status.state() != SchemaState.AT_HEAD) {
			return comparison;
		}
		List<String> objections = this.policy
			.objections(this.upgrade.compare(new AppliedMigrations(rows.rows()), null));
		return objections.isEmpty() ? comparison : new Comparison(
				new SchemaStatus(SchemaState.BEHIND, status.currentVersion(), status.headVersion(), status.pending(),
						objections.get(0)),
				objections.stream().map((text) -> Difference.of(text, null)).toList(), comparison.leftOut(),
				comparison.lacking(), comparison.later());
	}

}
