package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.ApplicationName;
import org.jspecify.annotations.Nullable;

/**
 * Reads and changes open batches and failed rows. Whoever works on a batch has locked its
 * row until the end of the transaction: that is the lease, which ends with the process,
 * whatever ends that. Every method works in the transaction of its connection.
 */
final class BatchStore {

	/** Who stopped it, and who works on another text of it, decides. */
	private static final String TAKE = """
			SELECT %4$s FROM %2$s b JOIN %1$s p ON p.name = b.name \
			WHERE b.name = ?::text AND NOT b.failed \
			AND (b.next_at <= pg_catalog.clock_timestamp() OR (?::boolean OR p.full_speed) AND b.attempts = 0) \
			AND (p.held_until IS NULL OR p.held_until <= pg_catalog.clock_timestamp() OR ?::boolean OR p.full_speed) \
			AND p.definition_hash = ?::text AND p.state IN ('running', 'finalizing') \
			AND (?::boolean OR p.state = 'finalizing' OR NOT %3$s) \
			ORDER BY b.attempts, b.id LIMIT 1 FOR UPDATE OF b SKIP LOCKED""";

	private final BackgroundTables tables;

	private final String lockHeld;

	BatchStore(BackgroundTables tables, String lockHeld) {
		this.tables = tables;
		this.lockHeld = lockHeld;
	}

	private String sql(String sql) {
		return String.format(Locale.ROOT, sql, this.tables.progress(), this.tables.batch(), this.lockHeld,
				OpenBatch.COLUMNS);
	}

	/**
	 * Makes an open batch.
	 * @param size number of rows to work on at a time
	 * @param part the first part, if it is interleaved
	 */
	void make(Connection connection, String name, KeyRange range, long size, @Nullable Integer part)
			throws SQLException {
		Statements.update(connection, sql("""
				INSERT INTO %2$s (name, lower_key, upper_key, size, part) \
				VALUES (?::text, ?::text[], ?::text[], greatest(1, ?::int), ?::int)"""), name, range.lower(),
				range.upper(), (int) Math.min(size, Integer.MAX_VALUE), part);
	}

	/**
	 * Takes an open batch that nobody works on, which a process that has ended may have
	 * left.
	 * @param pace whether pauses count, and whether others may hold the migration lock
	 */
	@Nullable OpenBatch take(Connection connection, BackgroundDefinition definition, Pace pace) throws SQLException {
		return Statements.one(connection, sql(TAKE), OpenBatch::read, definition.name(), pace.isFullSpeed(),
				pace.isFullSpeed(), definition.hash(), pace.isUnderLock());
	}

	/** Takes a batch again after it has failed; {@code null} if somebody else has it. */
	@Nullable OpenBatch retake(Connection connection, BackgroundDefinition definition, long id) throws SQLException {
		return Statements.one(connection, sql("""
				SELECT %4$s FROM %2$s b JOIN %1$s p ON p.name = b.name \
				WHERE b.name = ?::text AND b.id = ?::bigint AND NOT b.failed AND p.definition_hash = ?::text \
				FOR UPDATE OF b SKIP LOCKED"""), OpenBatch::read, definition.name(), id, definition.hash());
	}

	/** Leaves the rest of a batch to be done. */
	void advance(Connection connection, String name, OpenBatch rest, Duration pause) throws SQLException {
		Statements.update(connection,
				sql("""
						UPDATE %2$s SET lower_key = ?::text[], size = greatest(1, ?::int), part = ?::int, in_pieces = ?::boolean, attempts = ?::int, \
						next_at = pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms' \
						WHERE name = ?::text AND id = ?::bigint"""),
				rest.range().lower(), rest.size(), rest.part(), rest.inPieces(), rest.attempts(), pause.toMillis(),
				name, rest.id());
	}

	void delete(Connection connection, String name, OpenBatch batch) throws SQLException {
		Statements.update(connection, sql("DELETE FROM %2$s WHERE name = ?::text AND id = ?::bigint"), name,
				batch.id());
	}

	/**
	 * Takes note that a batch has failed, which is to be tried again, in pieces.
	 * @param size number of rows to try at a time
	 * @param isTooLarge whether others are to be no larger
	 */
	void fail(Connection connection, String name, OpenBatch batch, int size, boolean isTooLarge, Duration pause,
			String error) throws SQLException {
		Statements.update(connection, sql("""
				UPDATE %2$s SET size = greatest(1, ?::int), attempts = attempts + 1, last_error = ?::text, \
				part = NULL, in_pieces = true, \
				next_at = pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms' \
				WHERE name = ?::text AND id = ?::bigint"""), size, error, pause.toMillis(), name, batch.id());
		Statements.update(connection,
				sql("""
						UPDATE %1$s SET last_error = ?::text, rows_seen = rows_seen - ?::bigint, \
						seen_in_pass = seen_in_pass - ?::bigint, batch_size = CASE WHEN ?::boolean THEN least(batch_size, greatest(1, ?::int)) ELSE batch_size END, \
						updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text WHERE name = ?::text"""),
				error, batch.rowsInParts(), batch.rowsInParts(), isTooLarge, size, ApplicationName.ofThisProcess(),
				name);
	}

	/** Keeps a row that has failed, to be left out from now on. */
	void keepFailedRow(Connection connection, String name, List<String> key, String error) throws SQLException {
		Statements.update(connection, sql("""
				INSERT INTO %2$s (name, upper_key, size, failed, last_error) \
				VALUES (?::text, ?::text[], 1, true, ?::text)"""), name, key, error);
		Statements.update(connection, sql("UPDATE %1$s SET last_error = ?::text WHERE name = ?::text"), error, name);
	}

	int countOpen(Connection connection, String name) throws SQLException {
		return count(connection, name, "NOT failed");
	}

	/**
	 * Tells when the first open batch is tried again.
	 * @return the time until then, {@code null} unless all of them have failed and are to
	 * be tried again later
	 */
	@Nullable Duration timeToRetry(Connection connection, String name) throws SQLException {
		return Statements.one(connection, sql("""
				SELECT extract(epoch FROM min(next_at) - pg_catalog.clock_timestamp())::float8 AS seconds FROM %2$s \
				WHERE name = ?::text AND NOT failed \
				HAVING bool_and(attempts > 0 AND next_at > pg_catalog.clock_timestamp())"""),
				(row) -> Duration.ofMillis((long) (row.getDouble("seconds") * 1000)), name);
	}

	int countFailed(Connection connection, String name) throws SQLException {
		return count(connection, name, "failed");
	}

	/** What operators are told of the rows that have failed, {@code null} if none has. */
	@Nullable String describeFailed(Connection connection, String name) throws SQLException {
		return Statements.one(connection, sql(
				"SELECT count(*) OVER () AS failed, upper_key, last_error FROM %2$s WHERE name = ?::text AND failed "
						+ "ORDER BY id DESC LIMIT 1"),
				(row) -> String.format(Locale.ROOT, "%d rows have failed; the last one, with the key %s: %s",
						row.getInt("failed"), Statements.list(row, "upper_key"),
						PrintableText.line(row.getString("last_error"))),
				name);
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

	/** Tries rows again that have failed. */
	void forgetFailedRows(Connection connection, String name) throws SQLException {
		Statements.update(connection, sql("DELETE FROM %2$s WHERE name = ?::text AND failed"), name);
	}

}
