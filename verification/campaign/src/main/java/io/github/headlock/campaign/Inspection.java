package io.github.headlock.campaign;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import io.github.headlock.campaign.Invariant.Violation;
import org.flywaydb.core.Flyway;

/**
 * Asks the database of a round what became of it.
 */
final class Inspection {

	private static final String HISTORY = "flyway_schema_history";

	private static final String DOUBLE_ROWS = """
			SELECT format('%s rows for %s', count(*), coalesce('version ' || version, description)) \
			FROM flyway_schema_history GROUP BY version, description, CASE WHEN version IS NULL THEN checksum END \
			HAVING count(*) > 1""";

	private static final String FAILED_ROWS = """
			SELECT format('failed row for %s', coalesce('version ' || version, description)) \
			FROM flyway_schema_history WHERE NOT success""";

	private final RoundDatabase database;

	private final Findings findings;

	private Inspection(RoundDatabase database, Duration patience) {
		this.database = database;
		this.findings = new Findings(database, patience);
	}

	/**
	 * Compares the database with what the releases should have left in it.
	 * @param database the database of the round
	 * @param effects what the releases should have done, each once
	 * @param release the release that should be installed
	 * @param index whether it has an index made concurrently
	 * @param patience how long the server may take to notice that a killed client is gone
	 * @return what is wrong
	 * @throws SQLException if the database does not answer
	 */
	static List<Violation> of(RoundDatabase database, Set<String> effects, Release release, boolean index,
			Duration patience) throws SQLException {
		Inspection inspection = new Inspection(database, patience);
		inspection.findings.locksAndSessions();
		inspection.roles();
		inspection.effects(effects);
		inspection.history(release);
		if (index && database
			.list("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('effect_by_name') "
					+ "AND indisvalid AND indisready")
			.isEmpty()) {
			inspection.findings.add(Invariant.EFFECTS, "the index is not there, or invalid");
		}
		return inspection.findings.violations();
	}

	/**
	 * Inspects a database on which a release fails again and again, between its attempts:
	 * what a failed one leaves.
	 * @param database the database of the round
	 * @param patience how long everything may be in use by attempts
	 * @return what is wrong
	 * @throws SQLException if the database does not answer
	 */
	static List<Violation> afterFailure(RoundDatabase database, Duration patience) throws SQLException {
		long deadline = System.nanoTime() + patience.toNanos();
		while (true) {
			Inspection inspection = new Inspection(database, patience);
			inspection.findings.locksNow();
			inspection.roles();
			if (exists(database, HISTORY)) {
				inspection.findings.addAll(Invariant.HISTORY, database.list(FAILED_ROWS));
			}
			if (inspection.findings.violations().isEmpty() || System.nanoTime() - deadline > 0) {
				return inspection.findings.violations();
			}
			Wait.pause(20);
		}
	}

	/** What the history says, for the timeline. */
	static List<String> history(RoundDatabase database) throws SQLException {
		if (!exists(database, HISTORY)) {
			return List.of("there is none");
		}
		return database.list("SELECT format('%s %s %s at %s', installed_rank, coalesce(version, description), success, "
				+ "installed_on) FROM flyway_schema_history ORDER BY installed_rank");
	}

	/** The migrations that were applied according to the history. */
	static List<String> recorded(RoundDatabase database) throws SQLException {
		return exists(database, HISTORY)
				? database.list("SELECT concat_ws(' ', version, CASE WHEN version IS NULL THEN description END, "
						+ "CASE WHEN version IS NULL THEN checksum END) FROM flyway_schema_history WHERE success")
				: List.of();
	}

	/** Where nobody migrated at all there is no table to ask. */
	private static boolean exists(RoundDatabase database, String table) throws SQLException {
		return !database.list("SELECT 1 WHERE to_regclass(?) IS NOT NULL", table).isEmpty();
	}

	private void effects(Set<String> expected) throws SQLException {
		List<String> actual = exists(this.database, "effect")
				? this.database.list("SELECT name FROM effect ORDER BY name COLLATE \"C\"") : List.of("no table");
		if (!actual.equals(new ArrayList<>(new TreeSet<>(expected)))) {
			this.findings.add(Invariant.EFFECTS,
					String.format(Locale.ROOT, "%s instead of %s", actual, new TreeSet<>(expected)));
		}
		List<String> counted = exists(this.database, "counter") ? this.database.list("SELECT n FROM counter")
				: List.of("no table");
		if (!counted.equals(List.of(String.valueOf(expected.size())))) {
			this.findings.add(Invariant.EFFECTS,
					String.format(Locale.ROOT, "%s counted instead of %d", counted, expected.size()));
		}
	}

	private void history(Release release) throws SQLException {
		if (!exists(this.database, HISTORY)) {
			this.findings.add(Invariant.HISTORY, "there is no history");
			return;
		}
		this.findings.addAll(Invariant.HISTORY, this.database.list(DOUBLE_ROWS));
		this.findings.addAll(Invariant.HISTORY, this.database.list(FAILED_ROWS));
		Flyway.configure()
			.dataSource(this.database.url(), "postgres", "")
			.locations(release.locations().toArray(String[]::new))
			.load()
			.validateWithResult().invalidMigrations
			.forEach((invalid) -> this.findings.add(Invariant.HISTORY, String.format(Locale.ROOT, "%s %s: %s",
					invalid.version, invalid.description, invalid.errorDetails.errorMessage)));
	}

	private void roles() throws SQLException {
		this.findings.addAll(Invariant.ROLES,
				this.database.list("SELECT 'there is ' || relname FROM pg_class WHERE relname LIKE '%blocked_roles'"));
		for (String role : List.of(this.database.application(), this.database.migrator())) {
			try {
				DriverManager.getConnection(this.database.url(), role, "").close();
			}
			catch (SQLException ex) {
				this.findings.add(Invariant.ROLES,
						String.format(Locale.ROOT, "%s cannot log in: %s", role, ex.getMessage()));
			}
		}
	}

}
