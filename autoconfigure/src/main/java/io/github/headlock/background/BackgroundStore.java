package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ApplicationName;
import org.jspecify.annotations.Nullable;

/**
 * Reads and changes the state of background migrations. Every method works in the
 * transaction of its connection.
 */
final class BackgroundStore {

	private static final String READ = "SELECT " + Progress.COLUMNS + " FROM %1$s p";

	private static final String LOCK_PROGRESS = READ + """
			 WHERE p.name = ?::text AND p.definition_hash = ?::text AND p.state IN ('running', 'finalizing') \
			AND (?::boolean OR ((p.held_until IS NULL OR p.held_until <= pg_catalog.clock_timestamp() OR p.full_speed) \
			AND (p.next_at IS NULL OR p.next_at <= pg_catalog.clock_timestamp() \
			OR p.full_speed AND p.next_at > pg_catalog.clock_timestamp() + %5$d * interval '1 ms'))) \
			AND (?::boolean OR p.state = 'finalizing' OR NOT %3$s) FOR UPDATE OF p SKIP LOCKED""";

	private static final String DONE = """
			UPDATE %1$s SET rows_seen = rows_seen + ?::bigint, seen_in_pass = seen_in_pass + ?::bigint, \
			rows_changed = rows_changed + ?::bigint, changed_in_pass = changed_in_pass + ?::bigint, \
			batch_size = coalesce(?::int, batch_size), work_ms = work_ms + ?::bigint, \
			next_at = pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms', \
			updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text WHERE name = ?::text""";

	private final BackgroundTables tables;

	private final BatchStore batches;

	private final HoldStore holds;

	private final String lockHeld;

	/**
	 * Creates the store.
	 * @param history the history table
	 * @param lockHeld expression that is true while somebody holds the migration lock
	 */
	BackgroundStore(HistoryTable history, String lockHeld) {
		this.tables = new BackgroundTables(history);
		this.batches = new BatchStore(this.tables, lockHeld);
		this.holds = new HoldStore(this.tables);
		this.lockHeld = lockHeld;
	}

	BackgroundTables tables() {
		return this.tables;
	}

	BatchStore batches() {
		return this.batches;
	}

	HoldStore holds() {
		return this.holds;
	}

	private String sql(String sql) {
		return String.format(Locale.ROOT, sql, this.tables.progress(), this.tables.batch(), this.lockHeld,
				HoldStore.NONE, PassPauses.LONGEST.toMillis());
	}

	/** Whether somebody holds the migration lock. */
	boolean isMigrating(Connection connection) throws SQLException {
		return Statements.isTrue(connection, "SELECT " + this.lockHeld);
	}

	/** Reads the state of all of them, in the order of their names. */
	List<Progress> readAll(Connection connection) throws SQLException {
		return Statements.query(connection, sql(READ + " ORDER BY p.name"), Progress::read);
	}

	@Nullable Progress read(Connection connection, String name) throws SQLException {
		return Statements.one(connection, sql(READ + " WHERE p.name = ?::text"), Progress::read, name);
	}

	/** Reads it, and keeps others from changing it until the transaction ends. */
	@Nullable Progress lock(Connection connection, String name) throws SQLException {
		return Statements.one(connection, sql(READ + " WHERE p.name = ?::text FOR UPDATE OF p"), Progress::read, name);
	}

	/** Registers one; does nothing if it is registered. */
	boolean insert(Connection connection, BackgroundDefinition definition, String releaseHead) throws SQLException {
		return Statements.update(connection, sql("""
				INSERT INTO %1$s (name, since, definition_hash, release_head, updated_at, updated_by) \
				VALUES (?::text, ?::text, ?::text, ?::text, now(), ?::text) ON CONFLICT (name) DO NOTHING"""),
				definition.name(), definition.since().toString(), definition.hash(), releaseHead, me()) > 0;
	}

	/** Lets another text of it go on, from the beginning of a pass. */
	void replace(Connection connection, BackgroundDefinition definition, String releaseHead) throws SQLException {
		Statements.update(connection, sql("""
				UPDATE %1$s SET %4$s, since = ?::text, definition_hash = ?::text, release_head = ?::text, \
				state = CASE WHEN state = 'failed' THEN 'running' ELSE state END, last_error = NULL, \
				updated_at = now(), updated_by = ?::text WHERE name = ?::text"""), definition.since().toString(),
				definition.hash(), releaseHead, me(), definition.name());
		this.batches.forgetFailedRows(connection, definition.name());
		restartPass(connection, definition.name(), null, null);
	}

	void setReleaseHead(Connection connection, String name, String releaseHead) throws SQLException {
		Statements.update(connection, sql("UPDATE %1$s SET release_head = ?::text WHERE name = ?::text"), releaseHead,
				name);
	}

	/** Begins this pass again. */
	void restartPass(Connection connection, String name, @Nullable List<String> keyColumns, @Nullable Long rows)
			throws SQLException {
		Statements.update(connection, sql("""
				DELETE FROM %2$s WHERE (name, id) IN (SELECT name, id FROM %2$s WHERE name = ?::text AND NOT failed \
				FOR UPDATE SKIP LOCKED)"""), name);
		Statements.update(connection, sql("""
				UPDATE %1$s SET key_columns = ?::text[], cursor_key = NULL, exhausted = false, seen_in_pass = 0, \
				changed_in_pass = 0, rows_estimated = ?::bigint WHERE name = ?::text"""), keyColumns, rows, name);
	}

	/** Locks the row of progress if a batch may be made now. */
	@Nullable Progress lockToCarve(Connection connection, BackgroundDefinition definition, Pace pace) throws SQLException {
		return lockToCarve(connection, definition, pace.isFullSpeed(), pace);
	}

	/** Locks the row of progress if rows may be worked on, whatever pauses there are. */
	@Nullable Progress lockToWork(Connection connection, BackgroundDefinition definition, Pace pace) throws SQLException {
		return lockToCarve(connection, definition, true, pace);
	}

	private @Nullable Progress lockToCarve(Connection connection, BackgroundDefinition definition, boolean now,
			Pace pace) throws SQLException {
		return Statements.one(connection, sql(LOCK_PROGRESS), Progress::read, definition.name(), definition.hash(), now,
				pace.isUnderLock());
	}

	/**
	 * Takes note up to which key there are batches.
	 * @param upper the key, {@code null} if they reach the end
	 */
	void moveOn(Connection connection, String name, @Nullable List<String> upper) throws SQLException {
		Statements.update(connection,
				sql("UPDATE %1$s SET cursor_key = ?::text[], exhausted = ?::boolean WHERE name = ?::text"), upper,
				upper == null, name);
	}

	/** Counts what was done, in the transaction that has done it. */
	void countWork(Connection connection, String name, long seen, long changed, @Nullable Integer nextSize,
			Duration took, Duration pause) throws SQLException {
		Statements.update(connection, sql(DONE), seen, seen, changed, changed, nextSize, took.toMillis(),
				pause.toMillis(), me(), name);
	}

	/** Begins the next pass, if the one that has ended is still the present one. */
	boolean beginPass(Connection connection, Progress ended, Duration pause) throws SQLException {
		return Statements.update(connection, sql("""
				UPDATE %1$s SET pass = pass + 1, cursor_key = NULL, exhausted = false, seen_in_pass = 0, \
				changed_in_pass = 0, next_at = pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms', \
				updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text \
				WHERE name = ?::text AND pass = ?::int AND exhausted AND definition_hash = ?::text \
				AND state IN ('running', 'finalizing')"""), pause.toMillis(), me(), ended.name(), ended.pass(),
				ended.hash()) > 0;
	}

	/** Ends it, if the pass that has ended is still the present one. */
	boolean end(Connection connection, Progress ended, BackgroundState state, @Nullable String error)
			throws SQLException {
		return Statements.update(connection,
				sql("""
						UPDATE %1$s p SET %4$s, state = ?::text, full_speed = false, finished_at = CASE WHEN ?::boolean THEN pg_catalog.clock_timestamp() END, \
						last_error = coalesce(?::text, last_error), updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text \
						WHERE name = ?::text AND pass = ?::int AND exhausted AND changed_in_pass = 0 AND definition_hash = ?::text \
						AND state IN ('running', 'finalizing') \
						AND NOT EXISTS (SELECT FROM %2$s b WHERE b.name = p.name AND NOT b.failed)"""),
				state.toString(), state == BackgroundState.FINISHED, error, me(), ended.name(), ended.pass(),
				ended.hash()) > 0;
	}

	/** Stops it until an operator lets it run again. */
	void failMigration(Connection connection, BackgroundDefinition definition, String error) throws SQLException {
		Statements.update(connection,
				sql("""
						UPDATE %1$s SET %4$s, state = 'failed', full_speed = false, last_error = ?::text, updated_at = pg_catalog.clock_timestamp(), \
						updated_by = ?::text WHERE name = ?::text AND definition_hash = ?::text \
						AND state IN ('running', 'finalizing')"""),
				error, me(), definition.name(), definition.hash());
	}

	/** Changes the state, if it is as expected. */
	boolean setState(Connection connection, String name, BackgroundState expected, BackgroundState state)
			throws SQLException {
		return Statements.update(connection, sql("""
				UPDATE %1$s SET %4$s, state = ?::text, finished_at = NULL, updated_at = pg_catalog.clock_timestamp(), \
				updated_by = ?::text WHERE name = ?::text AND state = ?::text"""), state.toString(), me(), name,
				expected.toString()) > 0;
	}

	/** Lets one that was finished run again, because there are rows that need it. */
	boolean reopen(Connection connection, String name) throws SQLException {
		boolean reopened = setState(connection, name, BackgroundState.FINISHED, BackgroundState.RUNNING);
		if (reopened) {
			Statements.update(connection, sql("UPDATE %1$s SET pass = pass + 1, next_at = NULL WHERE name = ?::text"),
					name);
			restartPass(connection, name, null, null);
		}
		return reopened;
	}

	/**
	 * Gives it back to the release whose text it was, which is to go on with it; once an
	 * operator says so, if one has paused it meanwhile.
	 */
	boolean giveBack(Connection connection, Progress before) throws SQLException {
		// one that was finished could not be finished again
		boolean worksOn = before.state().isWorkedOn() || before.state() == BackgroundState.FINISHED;
		BackgroundState state = worksOn ? BackgroundState.RUNNING : before.state();
		boolean given = Statements.update(connection, sql("""
				UPDATE %1$s SET %4$s, definition_hash = ?::text, release_head = ?::text, \
				state = CASE state WHEN 'paused' THEN state ELSE ?::text END \
				WHERE name = ?::text AND state IN ('running', 'failed', 'paused')"""), before.hash(),
				before.releaseHead().toString(), state.toString(), before.name()) > 0;
		if (given) {
			this.batches.forgetFailedRows(connection, before.name());
			restartPass(connection, before.name(), null, null);
		}
		return given;
	}

	/**
	 * Sets those back that a start was to finish, if it does not hold the migration lock
	 * any more, and those to their normal pace that have ended or were stopped.
	 * @param underLock whether this process holds it, or else nobody must
	 */
	boolean resetAbandoned(Connection connection, boolean underLock) throws SQLException {
		return this.tables.exist(connection) && Statements.update(connection, sql("""
				UPDATE %1$s SET state = CASE state WHEN 'finalizing' THEN 'running' ELSE state END, \
				full_speed = full_speed AND state IN ('running', 'finalizing') \
				WHERE state = 'finalizing' AND (?::boolean OR NOT %3$s) \
				OR full_speed AND state IN ('paused', 'failed', 'finished', 'skipped')"""), underLock) > 0;
	}

	private static String me() {
		return ApplicationName.ofThisProcess();
	}

}
