package io.github.headlock.background;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import org.jspecify.annotations.Nullable;

/**
 * What the server tells that may ask a background migration to hold, read with one round
 * trip.
 *
 * @param lock what somebody does to the table that batches should not be in the way of,
 * {@code null} for nothing
 * @param locker process id of who does it, 0 for nobody or a prepared transaction
 * @param walPosition position of the WAL in bytes, {@code null} on a standby
 * @param standby name of the standby that is furthest behind, {@code null} for none
 * @param lag how far that is behind, {@code null} if none is, or this role may not see it
 * @param lagIsHidden whether there are standbys whose lag this role may not see
 * @param retained bytes of WAL that the slot of a standby retains, {@code null} without
 * such slots
 * @param role the role, as it stands in SQL
 */
record HoldSignals(@Nullable String lock, int locker, @Nullable Long walPosition, @Nullable String standby,
		@Nullable Duration lag, boolean lagIsHidden, @Nullable Long retained, String role) {

	/** As in the transactions that work on a batch. */
	private static final String SEARCH_PATH = """
			SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', pg_catalog.quote_ident(?::text), \
			nullif(pg_catalog.current_setting('search_path'), '')), true)""";

	/**
	 * All modes that two sessions cannot hold at once, and that batches do not take. The
	 * lag is that of standbys: a logical one is confirmed when its reader likes to. Once
	 * a standby has caught up, the last lag is shown for a while longer.
	 * @see <a href=
	 * "https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW">pg_stat_replication</a>
	 */
	private static final String SIGNALS = """
			WITH RECURSIVE family (oid) AS (SELECT pg_catalog.to_regclass(?::text)::pg_catalog.oid UNION \
			SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON i.inhparent = f.oid), \
			wal AS MATERIALIZED (SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_lsn() END AS lsn), \
			standbys AS (SELECT r.* FROM pg_catalog.pg_stat_replication r WHERE ?::boolean AND NOT EXISTS (SELECT \
			FROM pg_catalog.pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')) \
			SELECT l.pid, l.mode, l.granted, l.relation::pg_catalog.regclass::text AS locked, \
			pg_catalog.pg_wal_lsn_diff(w.lsn, '0/0')::bigint AS position, s.application_name AS standby, \
			extract(epoch FROM s.replay_lag)::float8 AS lag, EXISTS (SELECT FROM standbys WHERE state IS NULL) AS hidden, \
			(SELECT max(pg_catalog.pg_wal_lsn_diff(w.lsn, restart_lsn))::bigint FROM pg_catalog.pg_replication_slots \
			WHERE active AND slot_type = 'physical') AS retained, pg_catalog.quote_ident(current_user) AS role FROM wal w \
			LEFT JOIN LATERAL (SELECT * FROM pg_catalog.pg_locks WHERE locktype = 'relation' \
			AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) \
			AND relation IN (SELECT oid FROM family) AND pid IS DISTINCT FROM pg_catalog.pg_backend_pid() \
			AND mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', \
			'AccessExclusiveLock') ORDER BY granted DESC, pid LIMIT 1) l ON true \
			LEFT JOIN LATERAL (SELECT * FROM standbys WHERE replay_lsn < w.lsn AND replay_lag IS NOT NULL \
			ORDER BY replay_lag DESC LIMIT 1) s ON true""";

	/**
	 * Reads them.
	 * @param connection the connection, in autocommit mode
	 * @param schema schema whose tables are found first
	 * @param table the table, as it stands in SQL
	 * @param withLag whether the lag is of interest
	 */
	static HoldSignals read(Connection connection, String schema, String table, boolean withLag) throws SQLException {
		MultiStatement message = new MultiStatement();
		message.query(SEARCH_PATH, ResultSet::next, schema);
		Result<HoldSignals> signals = message.query(SIGNALS, HoldSignals::read, table, String.valueOf(withLag));
		message.runReadOnly(connection);
		return signals.get();
	}

	private static HoldSignals read(ResultSet row) throws SQLException {
		row.next();
		String mode = row.getString("mode");
		double lagOrZero = row.getDouble("lag");
		Duration lag = row.wasNull() ? null : Duration.ofMillis((long) (lagOrZero * 1000));
		String lock = (mode == null) ? null : String.format(Locale.ROOT, "%s %s on %s",
				row.getBoolean("granted") ? "holds" : "waits for", mode, PrintableText.name(row.getString("locked")));
		return new HoldSignals(lock, row.getInt("pid"), number(row, "position"),
				PrintableText.nameOrNull(row.getString("standby")), lag, row.getBoolean("hidden"),
				number(row, "retained"), PrintableText.name(row.getString("role")));
	}

	private static @Nullable Long number(ResultSet row, String column) throws SQLException {
		long number = row.getLong(column);
		return row.wasNull() ? null : Long.valueOf(number);
	}

}
