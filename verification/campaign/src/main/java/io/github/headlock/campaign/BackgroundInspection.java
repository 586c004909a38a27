package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * Asks the database of a round about background migrations what became of it.
 */
final class BackgroundInspection {

	/**
	 * Whoever has nothing to do closes its connection; a look at the health takes less.
	 */
	private static final String IDLE = """
			SELECT format('session of %s, %s since %s', application_name, state, state_change) FROM pg_stat_activity \
			WHERE datname = current_database() AND application_name LIKE 'headlock%' \
			AND backend_start <= ?::timestamptz""";

	private static final String SETTINGS = """
			SELECT format('%s = %s', name, setting) FROM pg_settings WHERE name IN ('lock_timeout', \
			'statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout', 'search_path', \
			'default_transaction_isolation', 'default_transaction_read_only', 'role') ORDER BY name""";

	/**
	 * Flyway, which puts its schema before the search path of its session, cannot set it
	 * back there. Another one that finds such a session puts it before that once more.
	 */
	private static final Pattern LEFT_BY_FLYWAY = Pattern.compile("search_path = (\"public\",)+\"\\$user\", public");

	private static final String STATES = """
			SELECT format('%s is %s in pass %s%s', name, state, pass, ': ' || last_error) \
			FROM flyway_schema_history_background WHERE state <> 'finished'""";

	private static final String BATCHES = """
			SELECT format('batch %s of %s%s: %s', id, name, CASE WHEN failed THEN ', a failed row' END, last_error) \
			FROM flyway_schema_history_background_batch""";

	private static final String LEFT = """
			SELECT format('%s rows still need it', count(*)) FROM customer WHERE full_name IS NULL \
			HAVING count(*) > 0""";

	private final BackgroundStage stage;

	private final Findings findings;

	private BackgroundInspection(BackgroundStage stage, Duration patience) {
		this.stage = stage;
		this.findings = new Findings(stage.database(), patience);
	}

	/**
	 * Inspects what is left when the last release is ready and the application is gone.
	 * @param stage where
	 * @param versions versions that should be applied
	 * @param patience how long sessions may take to end
	 * @return what is wrong
	 * @throws SQLException if the database does not answer
	 */
	static List<Violation> of(BackgroundStage stage, Set<String> versions, Duration patience) throws SQLException {
		BackgroundInspection inspection = new BackgroundInspection(stage, patience);
		Findings findings = inspection.findings;
		RoundDatabase database = stage.database();
		findings.addAll(Invariant.FINISHED, database.list(STATES));
		findings.addAll(Invariant.FINISHED, database.list(BATCHES));
		findings.addAll(Invariant.FINISHED, database.list(LEFT));
		try (Connection connection = database.connect()) {
			findings.addAll(Invariant.ATOMIC, BackgroundProgress.wrong(connection));
		}
		findings.addAll(Invariant.HOLD, database.list(BackgroundWatch.BEGUN));
		inspection.history(versions);
		findings.locksAndSessions();
		findings.addAll(Invariant.DEADLOCK, stage.traffic().deadlocks());
		findings.addAll(Invariant.OTHERS, stage.neighbour().damage());
		inspection.idle();
		return findings.violations();
	}

	private void history(Set<String> versions) throws SQLException {
		Set<String> applied = new TreeSet<>(Inspection.recorded(this.stage.database()));
		if (!applied.equals(versions)) {
			this.findings.add(Invariant.HISTORY,
					String.format(Locale.ROOT, "versions %s instead of %s", applied, versions));
		}
	}

	/** Behind a pooler, a session of the server says nothing of whose it is. */
	private void idle() throws SQLException {
		if (!this.stage.access().pgBouncer().isPresent()) {
			String now = this.stage.database().list("SELECT clock_timestamp()").get(0);
			this.findings.addUntilEmpty(Invariant.IDLE, IDLE, now);
			return;
		}
		List<Connection> pool = new ArrayList<>();
		try (Connection straight = connect(this.stage.database().url())) {
			List<String> expected = RoundDatabase.list(straight, SETTINGS);
			for (int i = 0; i < this.stage.plan().poolSize(); i++) {
				Connection connection = connect(this.stage.access().url());
				pool.add(connection);
				// keeps a connection of the pooler
				connection.setAutoCommit(false);
				List<String> found = new ArrayList<>(RoundDatabase.list(connection, SETTINGS));
				found.removeAll(expected);
				found.removeIf(LEFT_BY_FLYWAY.asMatchPredicate());
				this.findings.addAll(Invariant.IDLE,
						found.stream().map((one) -> one + " in a session of the pooler").toList());
			}
		}
		finally {
			for (Connection connection : pool) {
				connection.close();
			}
		}
	}

	private Connection connect(String url) throws SQLException {
		return DriverManager.getConnection(url + "?prepareThreshold=0", this.stage.database().migrator(), "");
	}

}
