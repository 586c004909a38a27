package io.github.headlock.jdbc;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says what may cure the failure of a connection: time, or only a setting. Decided by the
 * server's answer, if there is one, and otherwise by the innermost cause. The first kinds
 * are the ones that are the most likely to pass.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
 * codes</a>
 */
public enum ConnectionFailure {

	/**
	 * Something is there that takes no more connections now, is starting or ending, lets
	 * clients queue, took too long for an answer, or ended the connection: a server, or a
	 * pooler before it. Or none of several hosts is the primary at the moment. It is
	 * worth asking again even at the first contact.
	 */
	NOT_NOW,

	/**
	 * The role's login is blocked, as a migration does it. It is worth asking again for a
	 * process that has been connected before, or that is to wait for a migration; but not
	 * often, because a role that does not exist may look the same.
	 */
	BLOCKED_LOGIN,

	/**
	 * Nothing answers at that address, or a pooler reports what does not tell whether it
	 * passes. It is worth asking again for a process that has been connected before.
	 */
	UNREACHABLE,

	/**
	 * The database understood the request and refused it, or only a setting can cure it,
	 * or it is not known.
	 */
	PERMANENT;

	private static final Duration BLOCKED_LOGIN_PAUSE = Duration.ofSeconds(5);

	/** Of the driver: the connection does not exist, or its state is unknown. */
	private static final String CLOSED = "08003";

	private static final String COMMIT_UNKNOWN = "08007";

	/** Of other drivers and wrappers: the link was lost. */
	private static final String LINK_LOST = "08S";

	/**
	 * Finds out the kind of a failure.
	 * @param failure the driver's or a pool's error
	 * @return the kind
	 */
	public static ConnectionFailure of(SQLException failure) {
		ServerErrorMessage answer = answer(failure);
		if (answer != null) {
			return BlockedLogin.of(answer).isPresent() ? BLOCKED_LOGIN
					: ServerRefusal.kind(String.valueOf(answer.getSQLState()), String.valueOf(answer.getMessage()));
		}
		Throwable root = causes(failure).reduce((outer, inner) -> inner).orElse(failure);
		return (root instanceof IOException transport) ? ofTransport(transport) : ofDriver(failure);
	}

	/**
	 * Returns how long to pause at least before asking again.
	 * @return the time, zero if any pause will do
	 */
	public Duration shortestPause() {
		return (this == BLOCKED_LOGIN) ? BLOCKED_LOGIN_PAUSE : Duration.ZERO;
	}

	private static ConnectionFailure ofTransport(IOException root) {
		if (root instanceof UnknownHostException || root instanceof ConnectException
				|| root instanceof NoRouteToHostException || root instanceof PortUnreachableException
				|| root instanceof BindException) {
			return UNREACHABLE;
		}
		if (root instanceof SocketException || root instanceof SocketTimeoutException) {
			return isConnecting(root) ? UNREACHABLE : NOT_NOW;
		}
		return (root instanceof EOFException) ? NOT_NOW : PERMANENT;
	}

	/**
	 * Whether there was no connection yet. The words of the operating system would tell
	 * as well, but in its language.
	 */
	static boolean isConnecting(IOException root) {
		return Arrays.stream(root.getStackTrace())
			.takeWhile((frame) -> !frame.getClassName().startsWith("org.postgresql."))
			.anyMatch((frame) -> frame.getMethodName().equals("connect"));
	}

	/** The driver has one SQLSTATE for most of its settings and for these. */
	private static ConnectionFailure ofDriver(SQLException failure) {
		SQLException innermost = causes(failure).filter(SQLException.class::isInstance)
			.map(SQLException.class::cast)
			.filter((cause) -> cause.getSQLState() != null)
			.reduce((outer, inner) -> inner)
			.orElse(failure);
		String state = state(innermost);
		String message = String.valueOf(innermost.getMessage());
		if (message.equals(GT.tr("Connection attempt timed out.")) || message.equals(noServer("primary"))
				|| state.equals(CLOSED) || state.equals(COMMIT_UNKNOWN) || state.startsWith(LINK_LOST)) {
			return NOT_NOW;
		}
		return message.equals(noServer("secondary")) ? UNREACHABLE : ServerRefusal.kind(state, message);
	}

	/** As the driver says it, in its language. */
	private static String noServer(String type) {
		return GT.tr("Could not find a server with specified targetServerType: {0}", type);
	}

	/**
	 * Returns whether a statement failed because its connection was lost, or because the
	 * server took too long or is too crowded, so that the same statement may well succeed
	 * over a new connection.
	 * @param failure the driver's error
	 * @return {@code false} if the database understood the statement and refused it
	 */
	public static boolean mayPass(SQLException failure) {
		return of(failure) != PERMANENT || lost(failure) != null;
	}

	/**
	 * Finds the lost connection behind an error of Flyway's, whatever it was lost by. An
	 * error of class 08 that comes from the server is none: it is a migration's own
	 * connection to elsewhere, as of {@code postgres_fdw}.
	 * @param failure any error
	 * @return the driver's error, {@code null} if no connection was lost
	 */
	public static @Nullable SQLException lost(Throwable failure) {
		return causes(failure).filter(SQLException.class::isInstance)
			.map(SQLException.class::cast)
			.filter(ConnectionFailure::isLost)
			.findFirst()
			.orElse(null);
	}

	private static boolean isLost(SQLException exception) {
		String state = state(exception);
		ServerErrorMessage answer = ownAnswer(exception);
		return (answer == null) ? state.startsWith("08") || ServerRefusal.isEnd(state, "")
				: ServerRefusal.isEnd(state, String.valueOf(answer.getMessage()));
	}

	/**
	 * Returns whether the server has answered, if only to refuse.
	 * @param failure the driver's or a pool's error
	 * @return {@code false} if nothing did, or only a pooler that misses the server too
	 */
	public static boolean isAnswer(SQLException failure) {
		ServerErrorMessage answer = answer(failure);
		return answer != null && !String.valueOf(answer.getSQLState()).startsWith("08");
	}

	/** The innermost, because a pool wraps the driver's error. */
	private static @Nullable ServerErrorMessage answer(Throwable failure) {
		return causes(failure).map(ConnectionFailure::ownAnswer)
			.filter(Objects::nonNull)
			.reduce((outer, inner) -> inner)
			.orElse(null);
	}

	private static @Nullable ServerErrorMessage ownAnswer(Throwable failure) {
		return (failure instanceof PSQLException exception) ? exception.getServerErrorMessage() : null;
	}

	private static Stream<Throwable> causes(Throwable failure) {
		return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
	}

	private static String state(SQLException exception) {
		return String.valueOf(exception.getSQLState());
	}

}
