package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A statement of the team.
 *
 * @param source where it is declared, for people
 * @param statement the statement, with {@value #BATCH} once
 */
record SqlEffect(String source, SqlText statement) implements Effect {

	/** Stands for the condition on the rows of a batch. */
	static final String BATCH = "${batch}";

	/** Less than the slowest that was measured, 28,000, for tables with wider rows. */
	static final double USUAL_ROWS_PER_SECOND = 20_000;

	private static final Pattern DELETE = Pattern.compile("\\bDELETE\\b", Pattern.CASE_INSENSITIVE);

	@Override
	public long apply(Connection connection, Clause rows) throws SQLException {
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
