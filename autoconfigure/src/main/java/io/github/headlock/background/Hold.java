package io.github.headlock.background;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;

import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * What a row of the table tells about a hold.
 *
 * @param because the reason, {@code null} if there is no hold
 * @param kind what it is for, {@code null} if there is none, or this release does not
 * know it
 * @param lasts time since its begin
 * @param until when somebody has to look again, {@code null} if there is no hold
 * @param left time until somebody has to look again, not positive if somebody has to
 * @param overdue kinds that lasted too long, and do not count until they were gone
 */
record Hold(@Nullable String because, @Nullable HoldKind kind, Duration lasts, @Nullable OffsetDateTime until,
		Duration left, List<HoldKind> overdue) {

	/** There is none. */
	static final Hold NONE = new Hold(null, null, Duration.ZERO, null, Duration.ZERO, List.of());

	/** Of a query that also has all columns of the table. */
	static final String COLUMNS = """
			extract(epoch FROM pg_catalog.clock_timestamp() - p.held_since)::float8 AS held_for, \
			extract(epoch FROM p.held_until - pg_catalog.clock_timestamp())::float8 AS held_left""";

	/** Longest hold of the kinds that are bounded. */
	static final Duration LONGEST = Duration.ofMinutes(30);

	/** Whoever works looks much more often; later, what is written is of no use. */
	private static final Duration ABANDONED = Duration.ofMinutes(1);

	static Hold read(ResultSet row) throws SQLException {
		String because = row.getString("held_because");
		return new Hold((because != null) ? PrintableText.line(because) : null, HoldKind.of(row.getString("hold_kind")),
				seconds(row, "held_for"), row.getObject("held_until", OffsetDateTime.class), seconds(row, "held_left"),
				HoldKind.of(Statements.list(row, "overdue_holds")));
	}

	private static Duration seconds(ResultSet row, String column) throws SQLException {
		return Duration.ofMillis((long) (row.getDouble(column) * 1000));
	}

	/** Whether there is one, which may have to be looked at again. */
	boolean exists() {
		return this.because != null;
	}

	/** Whether nobody has to look again yet. */
	boolean isInForce() {
		return exists() && this.left.compareTo(Duration.ZERO) > 0;
	}

	/** Whether a hold of another kind goes on with it. */
	boolean isContinuedBy(HoldKind next) {
		return exists() && this.left.plus(ABANDONED).compareTo(Duration.ZERO) > 0 && this.kind != null
				&& this.kind.isUnbounded() == next.isUnbounded();
	}

	/** Whether a hold of this kind that goes on with it would last too long. */
	boolean isTooLongFor(HoldKind next) {
		return !next.isUnbounded() && isContinuedBy(next) && this.lasts.compareTo(LONGEST) >= 0;
	}

}
