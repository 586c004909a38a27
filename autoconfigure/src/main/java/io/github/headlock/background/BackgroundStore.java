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
 * Reads and changes the state of background migrations. Whoever works on a batch has
 * locked its row until the end of the transaction: that is the lease, which ends with the
 * process, whatever ends that. Every method works in the transaction of its connection.
 */
final class BackgroundStore {

	private static final String READ = "SELECT " + Progress.COLUMNS + " FROM %1$s p";

	/** Who stopped it, and who works on another text of it, decides. */
	private static final String TAKE = """
			SELECT b.id, b.lower_key, b.upper_key, b.size, b.attempts FROM %2$s b JOIN %1$s p ON p.name = b.name \
			WHERE b.name = ?::text AND NOT b.failed \
			AND (b.next_at <= pg_catalog.clock_timestamp() OR ?::boolean AND b.attempts = 0) \
			AND p.definition_hash = ?::text AND p.state IN ('running', 'finalizing') \
			AND (?::boolean OR p.state = 'finalizing' OR NOT %3$s) \
			ORDER BY b.attempts, b.id LIMIT 1 FOR UPDATE OF b SKIP LOCKED""";

	private static final String LOCK_PROGRESS = READ + """
			 WHERE p.name = ?::text AND p.definition_hash = ?::text AND p.state IN ('running', 'finalizing') \
			AND (p.next_at IS NULL OR p.next_at <= pg_catalog.clock_timestamp() OR ?::boolean) \
			AND (?::boolean OR p.state = 'finalizing' OR NOT %3$s) FOR UPDATE OF p SKIP LOCKED""";

	private static final String DONE = """
			UPDATE %1$s SET rows_seen = rows_seen + ?::bigint, seen_in_pass = seen_in_pass + ?::bigint, \
			rows_changed = rows_changed + ?::bigint, changed_in_pass = changed_in_pass + ?::bigint, \
			batch_size = coalesce(?::int, batch_size), work_ms = work_ms + ?::bigint, \
			next_at = pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms', \
			updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text WHERE name = ?::text""";

	private final BackgroundTables tables;

	private final String lockHeld;

	/**
	 * Creates the store.
	 * @param history the history table
	 * @param lockHeld expression that is true while somebody holds the migration lock
	 */
	BackgroundStore(HistoryTable history, String lockHeld) {
		this.tables = new BackgroundTables(history);
		this.lockHeld = lockHeld;
	}

	BackgroundTables tables() {
		return this.tables;
	}

	private String sql(String sql) {
		return String.format(Locale.ROOT, sql, this.tables.progress(), this.tables.batch(), this.lockHeld);
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
				UPDATE %1$s SET since = ?::text, definition_hash = ?::text, release_head = ?::text, \
				state = CASE WHEN state = 'failed' THEN 'running' ELSE state END, last_error = NULL, \
				updated_at = now(), updated_by = ?::text WHERE name = ?::text"""), definition.since().toString(),
				definition.hash(), releaseHead, me(), definition.name());
		forgetFailedRows(connection, definition.name());
		restartPass(connection, definition.name(), null, null);
	}

	/** Tries rows again that have failed. */
	void forgetFailedRows(Connection connection, String name) throws SQLException {
		Statements.update(connection, sql("DELETE FROM %2$s WHERE name = ?::text AND failed"), name);
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

	/**
	 * Takes an open batch that nobody works on, which a process that has ended may have
	 * left.
	 * @param fullSpeed whether pauses do not count
	 * @param underLock whether this process holds the migration lock
	 */
	@Nullable OpenBatch take(Connection connection, BackgroundDefinition definition, boolean fullSpeed, boolean underLock)
			throws SQLException {
		return Statements.one(connection, sql(TAKE), OpenBatch::read, definition.name(), fullSpeed, definition.hash(),
				underLock);
	}

	/** Takes a batch again after it has failed; {@code null} if somebody else has it. */
	@Nullable OpenBatch retake(Connection connection, BackgroundDefinition definition, long id) throws SQLException {
		return Statements.one(connection, sql("""
				SELECT b.id, b.lower_key, b.upper_key, b.size, b.attempts FROM %2$s b \
				WHERE b.name = ?::text AND b.id = ?::bigint AND NOT b.failed AND EXISTS (SELECT FROM %1$s p \
				WHERE p.name = b.name AND p.definition_hash = ?::text) FOR UPDATE OF b SKIP LOCKED"""), OpenBatch::read,
				definition.name(), id, definition.hash());
	}

	/** Locks the row of progress if a batch may be made now. */
	@Nullable Progress lockToCarve(Connection connection, BackgroundDefinition definition, boolean fullSpeed, boolean underLock)
			throws SQLException {
		return Statements.one(connection, sql(LOCK_PROGRESS), Progress::read, definition.name(), definition.hash(),
				fullSpeed, underLock);
	}

	int countOpen(Connection connection, String name) throws SQLException {
		return count(connection, name, "NOT failed");
	}

	int countFailed(Connection connection, String name) throws SQLException {
		return count(connection, name, "failed");
	}

	private int count(Connection connection, String name, String condition) throws SQLException {
		Integer count = Statements.one(connection,
				sql("SELECT count(*) FROM %2$s WHERE name = ?::text AND " + condition), (row) -> row.getInt(1), name);
		return (count != null) ? count : 0;
	}

	/** Keys of the rows that have failed. */
	List<List<String>> failedKeys(Connection connection, String name) throws SQLException {
		return Statements.query(connection,
				sql("SELECT upper_key FROM %2$s WHERE name = ?::text AND failed ORDER BY id LIMIT 1000"),
				(row) -> Statements.list(row, "upper_key"), name);
	}

	/** Makes an open batch, and moves on. */
	void carve(Connection connection, String name, KeyRange range, long size) throws SQLException {
		Statements.update(connection, sql("""
				INSERT INTO %2$s (name, lower_key, upper_key, size) \
				VALUES (?::text, ?::text[], ?::text[], greatest(1, ?::int))"""), name, range.lower(), range.upper(),
				(int) Math.min(size, Integer.MAX_VALUE));
		Statements.update(connection,
				sql("UPDATE %1$s SET cursor_key = ?::text[], exhausted = ?::boolean WHERE name = ?::text"),
				range.upper(), range.upper() == null, name);
	}

	/** Ends a batch, or leaves the rest of it to be done. */
	void advance(Connection connection, String name, OpenBatch batch, KeyRange rest, int size, int attempts,
			Duration pause) throws SQLException {
		Statements.update(connection, sql("""
				UPDATE %2$s SET lower_key = ?::text[], size = ?::int, attempts = ?::int, \
				next_at = pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms' \
				WHERE name = ?::text AND id = ?::bigint"""), rest.lower(), Math.max(1, size), attempts,
				pause.toMillis(), name, batch.id());
	}

	void delete(Connection connection, String name, OpenBatch batch) throws SQLException {
		Statements.update(connection, sql("DELETE FROM %2$s WHERE name = ?::text AND id = ?::bigint"), name,
				batch.id());
	}

	/** Counts what was done, in the transaction that has done it. */
	void countWork(Connection connection, String name, long seen, long changed, @Nullable Integer nextSize,
			Duration took, Duration pause) throws SQLException {
		Statements.update(connection, sql(DONE), seen, seen, changed, changed, nextSize, took.toMillis(),
				pause.toMillis(), me(), name);
	}

	/**
	 * Takes note that a batch has failed, which is to be tried again.
	 * @param size number of rows to try at a time
	 * @param isTooLarge whether others are to be no larger
	 */
	void fail(Connection connection, String name, OpenBatch batch, int size, boolean isTooLarge, Duration pause,
			String error) throws SQLException {
		Statements.update(connection, sql("""
				UPDATE %2$s SET size = greatest(1, ?::int), attempts = attempts + 1, last_error = ?::text, \
				next_at = pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms' \
				WHERE name = ?::text AND id = ?::bigint"""), size, error, pause.toMillis(), name, batch.id());
		Statements.update(connection, sql("""
				UPDATE %1$s SET last_error = ?::text, \
				batch_size = CASE WHEN ?::boolean THEN least(batch_size, greatest(1, ?::int)) ELSE batch_size END, \
				updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text WHERE name = ?::text"""), error,
				isTooLarge, size, me(), name);
	}

	/** Keeps a row that has failed, to be left out from now on. */
	void keepFailedRow(Connection connection, String name, List<String> key, String error) throws SQLException {
		Statements.update(connection, sql("""
				INSERT INTO %2$s (name, upper_key, size, failed, last_error) \
				VALUES (?::text, ?::text[], 1, true, ?::text)"""), name, key, error);
		Statements.update(connection, sql("UPDATE %1$s SET last_error = ?::text WHERE name = ?::text"), error, name);
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
						UPDATE %1$s p SET state = ?::text, finished_at = CASE WHEN ?::boolean THEN pg_catalog.clock_timestamp() END, \
						last_error = coalesce(?::text, last_error), updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text \
						WHERE name = ?::text AND pass = ?::int AND exhausted AND changed_in_pass = 0 AND definition_hash = ?::text \
						AND state IN ('running', 'finalizing') \
						AND NOT EXISTS (SELECT FROM %2$s b WHERE b.name = p.name AND NOT b.failed)"""),
				state.toString(), state == BackgroundState.FINISHED, error, me(), ended.name(), ended.pass(),
				ended.hash()) > 0;
	}

	/** Stops it until an operator lets it run again. */
	void failMigration(Connection connection, BackgroundDefinition definition, String error) throws SQLException {
		Statements.update(connection, sql("""
				UPDATE %1$s SET state = 'failed', last_error = ?::text, updated_at = pg_catalog.clock_timestamp(), \
				updated_by = ?::text WHERE name = ?::text AND definition_hash = ?::text \
				AND state IN ('running', 'finalizing')"""), error, me(), definition.name(), definition.hash());
	}

	/** Changes the state, if it is as expected. */
	boolean setState(Connection connection, String name, BackgroundState expected, BackgroundState state)
			throws SQLException {
		return Statements.update(connection, sql("""
				UPDATE %1$s SET state = ?::text, finished_at = NULL, updated_at = pg_catalog.clock_timestamp(), \
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

	/** Gives it back to the release whose text it was, which is to go on with it. */
	boolean giveBack(Connection connection, Progress before) throws SQLException {
		BackgroundState state = before.state().isWorkedOn() ? BackgroundState.RUNNING : before.state();
		boolean given = Statements.update(connection, sql("""
				UPDATE %1$s SET definition_hash = ?::text, release_head = ?::text, state = ?::text \
				WHERE name = ?::text AND state IN ('running', 'failed')"""), before.hash(),
				before.releaseHead().toString(), state.toString(), before.name()) > 0;
		if (given) {
			forgetFailedRows(connection, before.name());
			restartPass(connection, before.name(), null, null);
		}
		return given;
	}

	/**
	 * Sets those back that a start was to finish, if no process holds the migration lock
	 * any more.
	 */
	boolean resetAbandoned(Connection connection) throws SQLException {
		return Statements.update(connection,
				sql("UPDATE %1$s SET state = 'running' WHERE state = 'finalizing' AND NOT %3$s")) > 0;
	}

	private static String me() {
		return ApplicationName.ofThisProcess();
	}

}
