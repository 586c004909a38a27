package io.github.headlock.jdbc;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.postgresql.util.ServerErrorMessage;

/**
 * What keeps a role from logging in although it has shown who it is, or needs not to.
 * Migrations block roles in these ways, and administrators do. A role that does not exist
 * looks like one that is blocked, where the server asks for no password.
 */
public enum BlockedLogin {

	/** The role has no {@code LOGIN}. */
	ROLE("28000", "InitializeSessionUserId", "is not permitted to log in"),

	/** The role has no {@code CONNECT} on the database. */
	CONNECT("42501", "CheckMyDatabase", "permission denied for database"),

	/** The database has {@code ALLOW_CONNECTIONS false}. */
	DATABASE("55000", "CheckMyDatabase", "is not currently accepting connections");

	/**
	 * SQLSTATE of all errors of PgBouncer, which quotes the server's message; later
	 * releases and other poolers keep the server's SQLSTATE. None tells the function.
	 */
	private static final String POOLER = "08P01";

	private final String state;

	/** The server's function, which is the same in all languages of the server. */
	private final String routine;

	/** The server's words, in English. */
	private final String words;

	BlockedLogin(String state, String routine, String words) {
		this.state = state;
		this.routine = routine;
		this.words = words;
	}

	/**
	 * Recognises the refusal of a blocked login, also where a pooler passes it on.
	 * @param error what the server or the pooler says
	 * @return what is blocked, empty if it is another error
	 */
	public static Optional<BlockedLogin> of(ServerErrorMessage error) {
		return Arrays.stream(values()).filter((blocked) -> blocked.is(error)).findFirst();
	}

	private boolean is(ServerErrorMessage error) {
		if (error.getRoutine() != null) {
			return this.state.equals(error.getSQLState()) && this.routine.equals(error.getRoutine());
		}
		// only where the server speaks English is a wrong password told from a block
		return List.of(POOLER, this.state).contains(String.valueOf(error.getSQLState()))
				&& String.valueOf(error.getMessage()).contains(this.words);
	}

}
