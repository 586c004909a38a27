package io.github.headlock.campaign;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Reads how far the background migration of a round is, as a superuser. A server that is
 * away is waited for.
 */
final class BackgroundProgress {

	static final String TABLE = "flyway_schema_history_background";

	static final String BATCHES = TABLE + "_batch";

	/**
	 * A row may be in need of the migration now, and of each earlier need it was freed.
	 */
	private static final String WRONG = """
			WITH c AS (SELECT needed, times, full_name IS NULL AS old_form FROM customer \
			UNION ALL SELECT needed, times, old_form FROM customer_gone), \
			sums AS (SELECT coalesce(sum(times), 0) AS done, \
			count(*) FILTER (WHERE times <> needed - old_form::int) AS wrong FROM c), \
			counted AS (SELECT coalesce(sum(rows_changed), 0) AS changed FROM flyway_schema_history_background) \
			SELECT format('%s rows were not changed as often as they needed it; %s changes of rows, %s written down', \
			wrong, done, changed) FROM sums, counted WHERE wrong > 0 OR done <> changed""";

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final RoundDatabase database;

	BackgroundProgress(RoundDatabase database) {
		this.database = database;
	}

	/** Whether there is a state to read. */
	static boolean exists(Connection connection) throws SQLException {
		return !RoundDatabase.list(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", BATCHES).isEmpty();
	}

	/** What does not belong together, all of it as it was at one moment. */
	static List<String> wrong(Connection connection) throws SQLException {
		return RoundDatabase.list(connection, WRONG);
	}

	private List<String> list(String sql) {
		return Wait.atMost(PATIENCE, "the database to answer", () -> {
			try (Connection connection = this.database.connect()) {
				return Optional.of(exists(connection) ? RoundDatabase.list(connection, sql) : List.of());
			}
			catch (SQLException ex) {
				return Optional.empty();
			}
		});
	}

	/** Its state, empty before there is one. */
	String state() {
		return String.join(", ", list("SELECT state FROM " + TABLE));
	}

	boolean isFinished() {
		return state().equals("finished");
	}

	/** All that changes when something is done. */
	String position() {
		return String.join(", ",
				list("SELECT concat_ws(' ', pass, rows_seen, rows_changed, cursor_key, exhausted) FROM " + TABLE));
	}

	/** What identifies the text that is worked on. */
	String text() {
		return String.join(", ", list("SELECT definition_hash FROM " + TABLE));
	}

	/** How many rows were gone along, in all passes. */
	String rowsSeen() {
		return String.join(", ", list("SELECT rows_seen FROM " + TABLE));
	}

	/** The pass, empty before there is one. */
	String pass() {
		return String.join(", ", list("SELECT pass FROM " + TABLE));
	}

	/** The open batches, each with all that changes when it is worked on. */
	List<String> openBatches() {
		return list("SELECT concat_ws(' ', id, lower_key, attempts, size) FROM " + BATCHES + " WHERE NOT failed");
	}

	/** For the timeline. */
	List<String> describe() {
		return list("SELECT format('%s pass %s, batches of %s, %s seen, %s changed, last by %s%s', state, pass, "
				+ "batch_size, rows_seen, rows_changed, updated_by, ': ' || last_error) FROM " + TABLE);
	}

	/** Why it holds, empty if it does not. */
	String heldBecause() {
		return String.join(", ", list("SELECT held_because FROM " + TABLE + " WHERE held_because IS NOT NULL"));
	}

	/** How many rows have failed. */
	int failedRows() {
		return list("SELECT id FROM " + BATCHES + " WHERE failed").size();
	}

	/** Changes something, and returns whether there was something to change. */
	boolean change(String sqlThatReturns) {
		return !list(sqlThatReturns).isEmpty();
	}

}
