package io.github.headlock.startup;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ServerFacts;

/**
 * Tells what cannot work, or needs more, through a pooler in transaction mode.
 */
final class PoolerWarnings {

	private PoolerWarnings() {
	}

	/**
	 * Looks for settings that need a session of their own.
	 * @param server the facts of the server
	 * @param table the history table
	 * @param initSql whether Flyway runs initial SQL on its connections
	 * @param eventCallbacks whether Flyway runs callbacks on a connection of their own
	 * @return each problem in words; empty without a pooler
	 */
	static List<String> of(ServerFacts server, HistoryTable table, boolean initSql, boolean eventCallbacks) {
		List<String> problems = new ArrayList<>();
		if (!server.pooler()) {
			return problems;
		}
		if (!table.schema().equals(server.currentSchema())) {
			problems.add(String.format(Locale.ROOT,
					"Flyway sets search_path to schema \"%s\" for its session, and the setting stays on the ",
					PrintableText.name(table.schema())) + "pooler's server connection");
		}
		if (initSql) {
			problems.add("what spring.flyway.init-sqls sets stays on the pooler's server connection");
		}
		if (eventCallbacks) {
			problems
				.add("the callbacks around the migration run on a connection of their own, so it takes three server "
						+ "connections instead of two");
		}
		if (server.preparesStatements()) {
			problems.add("the driver prepares statements on the server, which PgBouncer before 1.21 cannot do; "
					+ "add prepareThreshold=0 to the JDBC URL");
		}
		return problems;
	}

}
