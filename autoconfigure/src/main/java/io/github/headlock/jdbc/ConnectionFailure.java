package io.github.headlock.jdbc;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

import javax.net.ssl.SSLException;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * Tells the failures of a connection from the answers of a database by their SQLSTATE.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
 * codes</a>
 */
public final class ConnectionFailure {

	/**
	 * The server ended the session: shut down, crashed, or found it idle for too long.
	 * With these, and with nothing else but a protocol error, which is how PgBouncer
	 * reports, the server's own message means the end of the connection.
	 */
	private static final Set<String> ENDED = Set.of("57P01", "57P02", "57P05", "25P03", "25P04");

	/**
	 * PgBouncer has one SQLSTATE for all it has to say, a wrong user included, so only
	 * its words tell what will pass.
	 */
	private static final List<String> POOLER_IS_CROWDED = List.of("query_wait_timeout", "no more connections allowed",
			"cannot connect to server", "server_login_retry", "server login failed", "server login has been failing");

	private static final String CANCELLED = "57014";

	private static final String STARTING = "57P03";

	/**
	 * From the driver: it lacks what the server asks for, such as a password, or the
	 * server lacks what the settings ask for, such as SSL. Neither will pass.
	 */
	private static final String REJECTED = "08004";

	private static final String PROTOCOL_VIOLATION = "08P01";

	/**
	 * What the JDK says when an answer does not come; the driver asks first whether there
	 * is SSL. A connection that cannot be made in time has other words.
	 */
	private static final String READ_TIMED_OUT = "Read timed out";

	private ConnectionFailure() {
	}

	/**
	 * Returns whether the connection could not be had or was lost, or the database took
	 * too long for an answer, so that the same request may well succeed later.
	 * @param exception the driver's error
	 * @return {@code false} if the database understood the request and refused it
	 */
	public static boolean is(SQLException exception) {
		return !isStatementPooling(exception)
				&& (isCrowded(exception) || isEnded(exception) || state(exception).equals(CANCELLED));
	}

	/** A pooler in this mode will never allow the transaction that holds the lock. */
	private static boolean isStatementPooling(SQLException exception) {
		return state(exception).equals(PROTOCOL_VIOLATION)
				&& String.valueOf(exception.getMessage()).contains("statement pooling mode");
	}

	/**
	 * Returns whether something is there that takes no more connections now, is still
	 * starting, or lets us queue for too long: a server, or a pooler before it.
	 * @param exception the driver's error
	 * @return whether it is worth asking again even at the first contact
	 */
	public static boolean isCrowded(SQLException exception) {
		String state = state(exception);
		if (state.equals(PROTOCOL_VIOLATION)) {
			return isFromServer(exception)
					&& POOLER_IS_CROWDED.stream().anyMatch(String.valueOf(exception.getMessage())::contains);
		}
		return state.startsWith("53") || state.equals(STARTING) || (state.startsWith("08") && !state.equals(REJECTED)
				&& !isFromServer(exception) && !isUnreachable(exception));
	}

	/** Nothing answered at that address, so nothing will in a moment. */
	private static boolean isUnreachable(SQLException exception) {
		Throwable cause = exception.getCause();
		return cause instanceof ConnectException || cause instanceof NoRouteToHostException
				|| cause instanceof UnknownHostException || cause instanceof SSLException
				|| (cause instanceof SocketTimeoutException && state(exception).equals("08001")
						&& !READ_TIMED_OUT.equals(cause.getMessage()));
	}

	/**
	 * Finds the lost connection behind an error of Flyway's. An error of class 08 that
	 * comes from the server is none: it is a migration's own connection to elsewhere, as
	 * of {@code postgres_fdw}.
	 * @param exception any error
	 * @return the driver's error, {@code null} if no connection was lost
	 */
	public static @Nullable SQLException behind(@Nullable Throwable exception) {
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sqlException && isEnded(sqlException)) {
				return sqlException;
			}
		}
		return null;
	}

	private static boolean isEnded(SQLException exception) {
		String state = state(exception);
		if (ENDED.contains(state) || state.equals(PROTOCOL_VIOLATION)) {
			return true;
		}
		return state.startsWith("08") && !isFromServer(exception);
	}

	/**
	 * Returns whether the server has answered, if only to refuse.
	 * @param exception the driver's error
	 * @return {@code false} if nothing did, or only a pooler that misses the server too
	 */
	public static boolean isAnswer(SQLException exception) {
		return isFromServer(exception) && !state(exception).startsWith("08");
	}

	private static boolean isFromServer(SQLException exception) {
		return exception instanceof PSQLException driverException && driverException.getServerErrorMessage() != null;
	}

	private static String state(SQLException exception) {
		String state = exception.getSQLState();
		return (state != null) ? state : "";
	}

}
