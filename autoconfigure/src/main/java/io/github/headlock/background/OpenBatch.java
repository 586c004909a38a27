package io.github.headlock.background;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A range of rows that a process has taken to work on, as long as its transaction lasts.
 *
 * @param id its number
 * @param range the rows
 * @param size number of rows to work on at a time
 * @param attempts how often it has failed; above 0 the range is worked on in pieces
 */
record OpenBatch(long id, KeyRange range, int size, int attempts) {

	static OpenBatch read(ResultSet row) throws SQLException {
		return new OpenBatch(row.getLong("id"),
				new KeyRange(Statements.texts(row, "lower_key"), Statements.texts(row, "upper_key")),
				row.getInt("size"), row.getInt("attempts"));
	}

}
