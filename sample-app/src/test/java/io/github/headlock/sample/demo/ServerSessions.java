package io.github.headlock.sample.demo;

import java.util.List;
import java.util.stream.Stream;

/**
 * Tells what the sessions of a database do, to explain why nothing goes on.
 *
 * @param database the database
 */
record ServerSessions(DemoDatabase database) {

	/**
	 * Sessions that do the same are one line. Comments in statements tell the reader
	 * nothing, nor does an idle session.
	 */
	private static final String QUERY = """
			WITH session AS (
			    SELECT pid, pg_blocking_pids(pid) AS blockers,
			           state || CASE WHEN EXISTS (SELECT FROM pg_locks AS held
			               WHERE held.pid = activity.pid AND locktype = 'advisory' AND granted)
			               THEN ', holds an advisory lock' ELSE '' END AS state,
			           rtrim(left(trim(regexp_replace(regexp_replace(query, '/\\*.*?\\*/|--[^\\n]*', '', 'g'),
			               '\\s+', ' ', 'g')), 52)) AS statement
			    FROM pg_stat_activity AS activity
			    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
			        AND state <> 'idle')
			SELECT CASE WHEN blocker.pid IS NULL THEN session.state || ': ' || session.statement
			            ELSE session.statement || ' waits for: ' || blocker.state END
			       || CASE count(*) WHEN 1 THEN '' ELSE ' (' || count(*) || ' sessions)' END
			FROM session LEFT JOIN session AS blocker ON blocker.pid = ANY (session.blockers)
			GROUP BY blocker.pid, blocker.state, session.state, session.statement
			ORDER BY blocker.pid IS NULL, session.state, session.statement
			""";

	/** What they do at this moment, one line each, after a title; nothing without any. */
	List<String> notes() {
		List<String> sessions = this.database.list(QUERY);
		return sessions.isEmpty() ? List.of()
				: Stream.concat(Stream.of("Sessions of PostgreSQL at the end:"), sessions.stream()).toList();
	}

}
