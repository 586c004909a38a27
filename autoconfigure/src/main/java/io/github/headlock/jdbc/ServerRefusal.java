package io.github.headlock.jdbc;

import java.util.List;
import java.util.Set;

/**
 * Knows what the server, or a pooler before it, says to those whom it refuses or whose
 * session it ends.
 */
final class ServerRefusal {

	/**
	 * The server ended the session: shut down, crashed, or found it idle for too long.
	 * With these, and with nothing else but a protocol error, which is how PgBouncer
	 * reports, the server's own message means the end of the connection.
	 */
	private static final Set<String> ENDED = Set.of("57P01", "57P02", "57P05", "25P03", "25P04");

	private static final String CANCELLED = "57014";

	private static final String STARTING = "57P03";

	private static final String INSUFFICIENT_RESOURCES = "53";

	/**
	 * PgBouncer has one SQLSTATE for all it has to say, a wrong user included, so only
	 * its words tell what will pass.
	 */
	private static final String POOLER = "08P01";

	/** Such a pooler will never allow the transaction that holds the lock. */
	private static final String STATEMENT_POOLING = "statement pooling mode";

	/** Of the pooler itself, or of the server in the pooler's words. */
	private static final List<String> POOLER_REFUSES = List.of(STATEMENT_POOLING, "password authentication failed",
			"SASL authentication failed", "pg_hba.conf");

	private static final List<String> POOLER_IS_CROWDED = List.of("query_wait_timeout", "no more connections allowed",
			"cannot connect to server", "server_login_retry", "server login failed", "server login has been failing");

	private ServerRefusal() {
	}

	/**
	 * Finds out the kind of a refusal.
	 * @param state SQLSTATE
	 * @param message what is said with it
	 * @return the kind
	 */
	static ConnectionFailure kind(String state, String message) {
		if (state.equals(POOLER)) {
			return ofPooler(message);
		}
		boolean passes = state.startsWith(INSUFFICIENT_RESOURCES) || state.equals(STARTING) || state.equals(CANCELLED)
				|| ENDED.contains(state);
		return passes ? ConnectionFailure.NOT_NOW : ConnectionFailure.PERMANENT;
	}

	private static ConnectionFailure ofPooler(String message) {
		if (POOLER_REFUSES.stream().anyMatch(message::contains)) {
			return ConnectionFailure.PERMANENT;
		}
		return POOLER_IS_CROWDED.stream().anyMatch(message::contains) ? ConnectionFailure.NOT_NOW
				: ConnectionFailure.UNREACHABLE;
	}

	/**
	 * Returns whether the session ended with that message.
	 * @param state SQLSTATE
	 * @param message what is said with it
	 * @return {@code false} if the session goes on, or never began
	 */
	static boolean isEnd(String state, String message) {
		return ENDED.contains(state) || (state.equals(POOLER) && !message.contains(STATEMENT_POOLING));
	}

}
