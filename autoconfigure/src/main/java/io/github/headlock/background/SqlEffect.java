package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import io.github.headlock.background.MatchingRows.Look;
import org.jspecify.annotations.Nullable;

/**
 * A statement of the team.
 *
 * @param source where it is declared, for people
 * @param statement the statement, with {@value #BATCH} once
 * @param matching finds the rows that need it, {@code null} if the server counts those
 * that the statement changes
 */
record SqlEffect(String source, SqlText statement, @Nullable MatchingRows matching) implements Effect {

	/** Stands for the condition on the rows of a batch. */
	static final String BATCH = "${batch}";

	/** Less than the slowest that was measured, 28,000, for tables with wider rows. */
	static final double USUAL_ROWS_PER_SECOND = 20_000;

	private static final Pattern DELETE = Pattern.compile("\\bDELETE\\b", Pattern.CASE_INSENSITIVE);

	/**
	 * Does it. A number of other rows would keep the migration from ending, or hide what
	 * was changed, so those of before are looked for afterwards then.
	 */
	@Override
	public long apply(Connection connection, Clause rows) throws SQLException {
		if (this.matching == null) {
			return execute(connection, rows);
		}
		Look before = this.matching.look(connection, rows);
		if (before.rows() == 0) {
			return 0;
		}
		execute(connection, rows);
		return before.countGone(this.matching.look(connection, rows));
	}

	private long execute(Connection connection, Clause rows) throws SQLException {
		int start = this.statement.bare().indexOf(BATCH);
		String sql = this.statement.forDriver(0, start) + "(" + rows.sql() + ")"
				+ this.statement.forDriver(start + BATCH.length(), this.statement.text().length());
		long changed = Statements.update(connection, sql, rows.arguments().toArray());
		if (changed < 0) {
			throw new InvalidBackgroundMigrationException(this.source, "its statement returns rows",
					"Let it end with an UPDATE, DELETE or INSERT without RETURNING.");
		}
		return changed;
	}

	@Override
	public boolean needsRowLock(List<String> referable) {
		return DELETE.matcher(this.statement.bare()).find() || referable.stream().anyMatch(this::maySet);
	}

	private boolean maySet(String column) {
		return Pattern
			.compile(String.format(Locale.ROOT, "(?:\\bSET\\b|[,(])\\s*\"?%s\"?\\s*[=,)]", Pattern.quote(column)),
					Pattern.CASE_INSENSITIVE)
			.matcher(this.statement.bare())
			.find();
	}

	@Override
	public double usualRowsPerSecond() {
		return USUAL_ROWS_PER_SECOND;
	}

	@Override
	public String text() {
		return this.statement.text();
	}

}
