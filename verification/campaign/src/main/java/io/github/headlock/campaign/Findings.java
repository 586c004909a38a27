package io.github.headlock.campaign;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * What an inspection of a database finds.
 */
final class Findings {

	private static final String LOCKS = """
			SELECT format('%s %s of pid %s', classid, objid, pid) FROM pg_locks WHERE locktype = 'advisory' \
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""";

	private static final String OPEN = """
			SELECT format('pid %s of %s: %s', pid, application_name, state) FROM pg_stat_activity \
			WHERE datname = current_database() AND usename IN (?, ?) \
			AND (state LIKE 'idle in transaction%' OR state = 'active')""";

	private final RoundDatabase database;

	private final Duration patience;

	private final List<Violation> violations = new ArrayList<>();

	/**
	 * Begins with none.
	 * @param database the database of the round
	 * @param patience how long what is about to end may take for that
	 */
	Findings(RoundDatabase database, Duration patience) {
		this.database = database;
		this.patience = patience;
	}

	void add(Invariant invariant, String seen) {
		this.violations.add(new Violation(invariant, seen));
	}

	void addAll(Invariant invariant, List<String> seen) {
		seen.forEach((text) -> add(invariant, text));
	}

	/** Adds what a query finds, if that is not gone after some time. */
	void addUntilEmpty(Invariant invariant, String sql, Object... parameters) throws SQLException {
		long deadline = System.nanoTime() + this.patience.toNanos();
		List<String> found = this.database.list(sql, parameters);
		while (!found.isEmpty() && System.nanoTime() - deadline < 0) {
			Wait.pause(50);
			found = this.database.list(sql, parameters);
		}
		addAll(invariant, found);
	}

	/** Adds the advisory locks that are held now. */
	void locksNow() throws SQLException {
		addAll(Invariant.LOCKS, this.database.list(LOCKS));
	}

	/** Adds advisory locks and transactions that do not end. */
	void locksAndSessions() throws SQLException {
		addUntilEmpty(Invariant.LOCKS, LOCKS);
		addUntilEmpty(Invariant.SESSIONS, OPEN, this.database.migrator(), this.database.application());
	}

	List<Violation> violations() {
		return this.violations;
	}

}
