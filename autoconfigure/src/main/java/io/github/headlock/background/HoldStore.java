package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;

import io.github.headlock.jdbc.ApplicationName;
import org.jspecify.annotations.Nullable;

/**
 * Writes down holds, so that all processes keep to them. Every method works in the
 * transaction of its connection.
 *
 * @param tables the tables
 */
record HoldStore(BackgroundTables tables) {

	/** To be set where the state changes. */
	static final String NONE = "held_because = NULL, hold_kind = NULL, held_since = NULL, held_until = NULL, "
			+ "overdue_holds = '{}'";

	private static final String WRITE = """
			UPDATE %1$s SET held_because = ?::text, hold_kind = ?::text, \
			held_since = CASE WHEN ?::boolean THEN held_since WHEN ?::text IS NOT NULL THEN pg_catalog.clock_timestamp() END, \
			held_until = CASE WHEN ?::text IS NOT NULL THEN pg_catalog.clock_timestamp() + ?::bigint * interval '1 ms' END, \
			overdue_holds = ?::text[], updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text \
			WHERE name = ?::text AND definition_hash = ?::text AND state = 'running' \
			AND NOT full_speed AND held_until IS NOT DISTINCT FROM ?::timestamptz""";

	/**
	 * Writes down what was found.
	 * @param before what was read before
	 * @param reason why it holds, {@code null} if it goes on
	 * @param overdue kinds that lasted too long
	 * @return {@code false} if another process was faster, or the state has changed
	 */
	boolean write(Connection connection, Progress before, @Nullable HoldReason reason, Set<HoldKind> overdue)
			throws SQLException {
		String text = (reason != null) ? reason.text() : null;
		return Statements.update(connection, String.format(Locale.ROOT, WRITE, this.tables.progress()), text,
				(reason != null) ? reason.kind().toString() : null,
				reason != null && before.hold().isContinuedBy(reason.kind()), text, text,
				(reason != null) ? reason.pause().toMillis() : 0L,
				overdue.stream().map(HoldKind::toString).sorted().toList(), ApplicationName.ofThisProcess(),
				before.name(), before.hash(), before.hold().until()) > 0;
	}

	/** Forgets the hold of one that does not keep to it, as at full speed or paused. */
	boolean forget(Connection connection, String name) throws SQLException {
		return Statements.update(connection,
				String.format(Locale.ROOT, "UPDATE %1$s SET " + NONE
						+ " WHERE name = ?::text AND (state <> 'running' OR full_speed) AND held_because IS NOT NULL",
						this.tables.progress()),
				name) > 0;
	}

}
