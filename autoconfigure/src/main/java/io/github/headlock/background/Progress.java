package io.github.headlock.background;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.List;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table that tells how far background migrations are.
 *
 * @param name name of the migration
 * @param state what it is in
 * @param hash identifies the text of the migration that is worked on
 * @param releaseHead head of the release that registered it last
 * @param keyColumns names and types of its key, {@code null} before the first batch
 * @param pass number of the pass, from 1
 * @param cursor key up to which batches were made in this pass, {@code null} for none
 * @param exhausted whether the batches of this pass reach the end
 * @param batchSize number of rows of the next batch
 * @param rowsEstimated number of rows of the table, {@code null} if it is not known
 * @param rowsSeen rows that were gone along, in all passes
 * @param seenInPass the same, in this pass
 * @param rowsChanged rows that were changed, in all passes
 * @param changedInPass the same, in this pass
 * @param workMillis time of the batches that were done
 * @param pause time until a batch may be made, not positive if one may
 * @param sinceUpdate time since the last change of the row, {@code null} if none
 * @param updatedBy who has changed it last, {@code null} for nobody
 * @param age time since it was registered
 * @param lastError why it, or a batch of it, failed last, {@code null} if none did
 * @param hold whether something has asked to hold
 * @param fullSpeed whether it is worked on without pauses until it ends
 */
record Progress(String name, BackgroundState state, String hash, MigrationVersion releaseHead,
		@Nullable List<String> keyColumns, int pass, @Nullable List<String> cursor, boolean exhausted, int batchSize,
		@Nullable Long rowsEstimated, long rowsSeen, long seenInPass, long rowsChanged, long changedInPass,
		long workMillis, Duration pause, @Nullable Duration sinceUpdate, @Nullable String updatedBy, Duration age,
		@Nullable String lastError, Hold hold, boolean fullSpeed) {

	/** Of a query of all columns and of what the database's clock makes of them. */
	static final String COLUMNS = """
			p.*, extract(epoch FROM greatest(p.next_at, p.held_until) - pg_catalog.clock_timestamp())::float8 AS pause, \
			extract(epoch FROM pg_catalog.clock_timestamp() - p.updated_at)::float8 AS since_update, \
			extract(epoch FROM pg_catalog.clock_timestamp() - p.created_at)::float8 AS age"""
			+ ", " + Hold.COLUMNS;

	/**
	 * Reads a row. One that makes no sense, as somebody may have left it who has changed
	 * it by hand, is read as failed, and says why.
	 */
	static Progress read(ResultSet row) throws SQLException {
		try {
			return readAsItStands(row).ensureSense();
		}
		catch (IllegalArgumentException ex) {
			BackgroundState state = BackgroundState.of(row.getString("state"));
			return new Progress(row.getString("name"), state.isWorkedOn() ? BackgroundState.FAILED : state,
					row.getString("definition_hash"), releaseHead(row), null, 1, null, false, 1, null, 0, 0, 0, 0, 0,
					Duration.ZERO, null, PrintableText.nameOrNull(row.getString("updated_by")),
					seconds(row.getDouble("age")),
					"its row in the table is not understood: " + PrintableText.line(ex.getMessage())
							+ ". Correct it, or delete the row: it begins anew then",
					Hold.NONE, false);
		}
	}

	private Progress ensureSense() {
		if (this.pass < 1) {
			throw new IllegalArgumentException("pass is " + this.pass);
		}
		if (this.batchSize < 1) {
			throw new IllegalArgumentException("batch_size is " + this.batchSize);
		}
		if (this.cursor != null && (this.cursor.isEmpty()
				|| (this.keyColumns != null && this.cursor.size() != this.keyColumns.size()))) {
			throw new IllegalArgumentException("cursor_key is " + this.cursor + ", and key_columns " + this.keyColumns);
		}
		return this;
	}

	/** Who registers it next writes one that is understood. */
	private static MigrationVersion releaseHead(ResultSet row) throws SQLException {
		try {
			return MigrationVersion.fromVersion(row.getString("release_head"));
		}
		catch (FlywayException ex) {
			return MigrationVersion.EMPTY;
		}
	}

	private static Progress readAsItStands(ResultSet row) throws SQLException {
		long estimated = row.getLong("rows_estimated");
		Long rowsEstimated = row.wasNull() ? null : estimated;
		String error = row.getString("last_error");
		Timestamp updated = row.getTimestamp("updated_at");
		return new Progress(row.getString("name"), BackgroundState.of(row.getString("state")),
				row.getString("definition_hash"), releaseHead(row), Statements.texts(row, "key_columns"),
				row.getInt("pass"), Statements.texts(row, "cursor_key"), row.getBoolean("exhausted"),
				row.getInt("batch_size"), rowsEstimated, row.getLong("rows_seen"), row.getLong("seen_in_pass"),
				row.getLong("rows_changed"), row.getLong("changed_in_pass"), row.getLong("work_ms"), pause(row),
				(updated != null) ? seconds(row.getDouble("since_update")) : null,
				PrintableText.nameOrNull(row.getString("updated_by")), seconds(row.getDouble("age")),
				(error != null) ? PrintableText.line(error) : null, Hold.read(row), row.getBoolean("full_speed"));
	}

	/** At full speed, a pause that was meant for another pace does not count. */
	private static Duration pause(ResultSet row) throws SQLException {
		Duration pause = seconds(row.getDouble("pause"));
		return (row.getBoolean("full_speed") && pause.compareTo(PassPauses.LONGEST) > 0) ? Duration.ZERO : pause;
	}

	/** Whether an operator, or a start, wants it to be finished soon. */
	boolean isUrgent() {
		return this.state == BackgroundState.FINALIZING || (this.state == BackgroundState.RUNNING && this.fullSpeed);
	}

	private static Duration seconds(double seconds) {
		return Duration.ofMillis((long) (seconds * 1000));
	}

}
