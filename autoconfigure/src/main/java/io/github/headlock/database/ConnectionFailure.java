package io.github.headlock.database;

import java.sql.SQLException;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Tells the failures of a connection from the answers of a database by their SQLSTATE.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
 * codes</a>
 */
public final class ConnectionFailure {

	/** Server shut down or crashed under the session, or is still starting. */
	private static final Set<String> OPERATOR_INTERVENTION = Set.of("57P01", "57P02", "57P03", "57P05");

	private ConnectionFailure() {
	}

	/**
	 * Returns whether the connection could not be had or was lost, so that the same
	 * request may well succeed on another one.
	 * @param exception the driver's error
	 * @return {@code false} if the database understood the request and refused it
	 */
	public static boolean is(SQLException exception) {
		String state = exception.getSQLState();
		return state != null
				&& (state.startsWith("08") || isCrowded(exception) || OPERATOR_INTERVENTION.contains(state));
	}

	/**
	 * Returns whether the server is there but takes no more connections now, or is still
	 * starting.
	 * @param exception the driver's error
	 * @return whether it is worth asking again even at the first contact
	 */
	public static boolean isCrowded(SQLException exception) {
		String state = exception.getSQLState();
		return state != null && (state.startsWith("53") || state.equals("57P03"));
	}

	/**
	 * Finds the lost connection behind an error of Flyway's.
	 * @param exception any error
	 * @return the driver's error, {@code null} if no connection was lost
	 */
	public static @Nullable SQLException behind(@Nullable Throwable exception) {
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sqlException && is(sqlException)) {
				return sqlException;
			}
		}
		return null;
	}

}
