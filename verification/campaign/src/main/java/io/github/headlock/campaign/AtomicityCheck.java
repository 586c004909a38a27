package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * Compares what migrations have done with what the history says, as it was at one moment,
 * whoever migrates meanwhile: a transaction that is lost takes both away. The index that
 * is created concurrently has no transaction, and is left out.
 */
final class AtomicityCheck {

	private final Connection snapshot;

	private AtomicityCheck(Connection snapshot) {
		this.snapshot = snapshot;
	}

	/**
	 * Looks.
	 * @param database the database of the round
	 * @return what does not belong together
	 * @throws SQLException if the database does not answer
	 */
	static List<Violation> of(RoundDatabase database) throws SQLException {
		try (Connection snapshot = database.connect()) {
			snapshot.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			snapshot.setAutoCommit(false);
			return new AtomicityCheck(snapshot).violations();
		}
	}

	private List<Violation> violations() throws SQLException {
		List<String> effects = list("effect", "SELECT name FROM effect");
		List<String> rows = list("flyway_schema_history",
				"SELECT coalesce(version, 'R') FROM flyway_schema_history WHERE success AND coalesce(version, 'R') <> '"
						+ Scenario.CONCURRENT_INDEX + "'");
		List<String> counted = list("counter", "SELECT n FROM counter");
		List<String> applied = effects.stream().map((name) -> name.startsWith("R-") ? "R" : name).sorted().toList();
		List<Violation> violations = new ArrayList<>();
		if (!applied.equals(rows.stream().sorted().toList())) {
			violations.add(new Violation(Invariant.EFFECTS,
					String.format(Locale.ROOT, "after the failover, effects %s and rows %s", applied, rows)));
		}
		if (!counted.equals(effects.isEmpty() ? List.of() : List.of(String.valueOf(effects.size())))) {
			violations.add(new Violation(Invariant.EFFECTS, String.format(Locale.ROOT,
					"after the failover, %s counted and %d effects", counted, effects.size())));
		}
		return violations;
	}

	/** What a table holds, nothing if there is none. */
	private List<String> list(String table, String sql) throws SQLException {
		return RoundDatabase.list(this.snapshot, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", table).isEmpty()
				? List.of() : RoundDatabase.list(this.snapshot, sql);
	}

}
