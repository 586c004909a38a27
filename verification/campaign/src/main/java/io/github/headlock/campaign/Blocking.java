package io.github.headlock.campaign;

import java.util.List;

/**
 * How the application's sessions are kept out during a migration.
 */
enum Blocking {

	/** Not at all. */
	NONE(),

	/** Roles lose LOGIN, their sessions are terminated. */
	TERMINATE("--headlock.terminate-db-sessions=true"),

	/** Roles lose LOGIN, their sessions end by themselves. */
	DRAIN("--headlock.sessions.drain-timeout=5s"),

	/** Roles lose CONNECT, their sessions are terminated. */
	REVOKE("--headlock.terminate-db-sessions=true", "--headlock.sessions.block-with=revoke-connect");

	private final List<String> arguments;

	Blocking(String... arguments) {
		this.arguments = List.of(arguments);
	}

	/** Arguments of a replica, beside the role. */
	List<String> arguments() {
		return this.arguments;
	}

}
