package io.github.headlock.sample.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Asks the replicas' timelines and the database whether all went as promised.
 *
 * @param database the database of both rollouts
 * @param migrations number of migration files of the application
 * @param replicas number of replicas of each rollout
 */
record RolloutChecks(DemoDatabase database, int migrations, int replicas) {

	/** What db/migration/V3__import_history.sql adds when it runs once. */
	private static final int PARCELS = 40_000;

	private static final int SCANS = 155_000;

	/**
	 * Checks.
	 * @param rollouts the first rollout, and the second if there was one
	 * @return the checks; after a single rollout only that it failed
	 */
	List<Check> run(List<RolloutTimeline> rollouts) {
		RolloutTimeline first = rollouts.get(0);
		List<Check> checks = new ArrayList<>();
		checks.add(ready("first rollout: every replica is ready", first));
		if (rollouts.size() > 1) {
			RolloutTimeline second = rollouts.get(1);
			checks.add(Check.equal("first rollout: replicas that migrated", 1L, first.count("migrated")));
			checks.add(ready("second rollout: every replica is ready", second));
			checks.add(Check.equal("second rollout: replicas on the fast path", (long) this.replicas,
					second.count("fast-path")));
			checks.add(Check.equal("advisory locks while the replicas run", List.of(0, 0),
					List.of(first.locksLeft(), second.locksLeft())));
			checks.addAll(checkDatabase());
		}
		return checks;
	}

	private List<Check> checkDatabase() {
		return List.of(historyIsComplete(), Check.equal("history: migrations recorded more than once", 0,
				this.database.list("SELECT script FROM flyway_schema_history GROUP BY script HAVING count(*) > 1")
					.size()),
				Check.equal("data: parcels", PARCELS, this.database.number("SELECT count(*) FROM parcel")),
				Check.equal("data: scans", SCANS, this.database.number("SELECT count(*) FROM scan")),
				Check.equal("index created concurrently: valid", 1,
						this.database.number("SELECT count(*) FROM pg_index WHERE indisvalid "
								+ "AND indexrelid = to_regclass('scan_parcel_id_scanned_at')")),
				Check.equal("advisory locks after the replicas", 0, this.database.lastingAdvisoryLocks()));
	}

	private Check ready(String promise, RolloutTimeline rollout) {
		return new Check(promise, rollout.ready() == this.replicas,
				"%d of %d".formatted(rollout.ready(), this.replicas));
	}

	private Check historyIsComplete() {
		int rows = this.database.number("SELECT count(*) FROM flyway_schema_history");
		int successful = this.database.number("SELECT count(*) FROM flyway_schema_history WHERE success");
		return new Check("history: every migration is recorded as successful",
				rows == this.migrations && successful == this.migrations,
				"%d files, %d rows, %d successful".formatted(this.migrations, rows, successful));
	}

}
