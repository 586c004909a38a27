package io.github.headlock.roles;

/**
 * Statements with which a transaction hides the search path of its session from
 * Headlock's own queries, so that no function or operator of the application's can pass
 * for PostgreSQL's own, and restores it for statements that run event triggers: their
 * functions find the names that they find in a migration.
 */
final class OwnSearchPath {

	/** To be executed first in the transaction. */
	static final String REMEMBER = """
			SELECT pg_catalog.set_config('headlock.search_path', pg_catalog.current_setting('search_path'), true)""";

	/**
	 * To be executed after it is remembered, and after each statement that is run with
	 * it.
	 */
	static final String HIDE = "SET LOCAL search_path = pg_catalog, pg_temp";

	/**
	 * To be executed before a statement that may run event triggers, in which all names
	 * are qualified. Changes nothing if no path is remembered.
	 */
	static final String RESTORE = """
			SELECT pg_catalog.set_config('search_path', coalesce(\
			pg_catalog.current_setting('headlock.search_path', true), \
			pg_catalog.current_setting('search_path')), true)""";

	private OwnSearchPath() {
	}

}
