package io.github.headlock.roles;

/**
 * Ways to keep a role from opening new sessions.
 */
public enum BlockMode {

	/**
	 * ALTER ROLE ... NOLOGIN, which holds for all databases of the server.
	 */
	NOLOGIN,

	/**
	 * REVOKE CONNECT ON DATABASE ..., which holds for this database, for roles that were
	 * granted CONNECT themselves.
	 */
	REVOKE_CONNECT

}
