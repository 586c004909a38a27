package io.github.headlock.background;

import java.sql.SQLException;
import java.util.Locale;

import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the failure of a team's code is about: what the database has said, if it has
 * said something, and the code's own exception otherwise.
 */
final class JavaFailure {

	private JavaFailure() {
	}

	/**
	 * Returns the failure as one of the database, without a SQLSTATE if it is none.
	 * @throws InvalidBackgroundMigrationException if the code does what it must not
	 */
	static SQLException of(Throwable failure) {
		SQLException answer = null;
		for (Throwable cause = failure; cause != null; cause = cause(cause)) {
			if (cause instanceof InvalidBackgroundMigrationException invalid) {
				throw invalid;
			}
			if (cause instanceof SQLException found) {
				answer = found;
			}
		}
		return (answer != null) ? answer : new SQLException(String.format(Locale.ROOT, "%s: %s",
				failure.getClass().getName(), PrintableText.line(failure.getMessage())), null, failure);
	}

	private static @Nullable Throwable cause(Throwable failure) {
		return (failure.getCause() != failure) ? failure.getCause() : null;
	}

}
