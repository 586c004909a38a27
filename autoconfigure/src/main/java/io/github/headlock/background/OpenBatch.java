package io.github.headlock.background;

import java.sql.ResultSet;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/**
 * A range of rows that a process has taken to work on, as long as its transaction lasts.
 * It is worked on as a whole, or interleaved, or in pieces.
 *
 * @param id its number
 * @param range the rows
 * @param size number of rows to work on at a time
 * @param attempts how often it has failed
 * @param part which part of the rows is next, from 0, if it is interleaved; {@code null}
 * if it is not
 * @param inPieces whether the range is worked on in pieces from its lower end
 * @param fullSpeed whether no pause is to follow
 */
record OpenBatch(long id, KeyRange range, int size, int attempts, @Nullable Integer part, boolean inPieces,
		boolean fullSpeed) {

	/** Columns to read it from. */
	static final String COLUMNS = "b.id, b.lower_key, b.upper_key, b.size, b.attempts, b.part, b.in_pieces, p.full_speed";

	static OpenBatch read(ResultSet row) throws SQLException {
		int partOrZero = row.getInt("part");
		Integer part = row.wasNull() ? null : partOrZero;
		return new OpenBatch(row.getLong("id"),
				new KeyRange(Statements.texts(row, "lower_key"), Statements.texts(row, "upper_key")),
				row.getInt("size"), row.getInt("attempts"), part, row.getBoolean("in_pieces"),
				row.getBoolean("full_speed"));
	}

	/** The rest of it when a part is done, {@code null} if that was the last one. */
	@Nullable OpenBatch afterPart(int done) {
		return (done + 1 < Interleaving.PARTS)
				? new OpenBatch(this.id, this.range, this.size, this.attempts, done + 1, false, this.fullSpeed) : null;
	}

	/** The same rows, to be worked on in pieces; what is done in them does not match. */
	OpenBatch inPieces(int size) {
		return new OpenBatch(this.id, this.range, size, this.attempts, null, true, this.fullSpeed);
	}

	/** The rest of it above a key, to be worked on in pieces. */
	OpenBatch above(KeyRange done, int size) {
		return new OpenBatch(this.id, this.range.above(done.upper()), size, this.attempts, null, true, this.fullSpeed);
	}

	/** The same rows, as if nothing had failed yet. */
	OpenBatch withoutAttempts() {
		return new OpenBatch(this.id, this.range, this.size, 0, this.part, this.inPieces, this.fullSpeed);
	}

	/** Rows that were counted as seen for the parts of it that are done. */
	long rowsInParts() {
		return (this.part != null) ? (long) this.part * this.size : 0;
	}

}
