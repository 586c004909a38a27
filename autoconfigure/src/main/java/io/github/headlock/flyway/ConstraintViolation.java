package io.github.headlock.flyway;

import java.sql.SQLException;

/**
 * Finds out whether rows of a table were in the way of a migration.
 */
final class ConstraintViolation {

	/** Class of the SQLSTATEs of violated constraints, NOT NULL included. */
	private static final String CLASS = "23";

	private ConstraintViolation() {
	}

	static boolean isBehind(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException refusal && String.valueOf(refusal.getSQLState()).startsWith(CLASS)) {
				return true;
			}
		}
		return false;
	}

}
