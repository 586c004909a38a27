package io.github.headlock.head;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.SchemaStatus;
import io.github.headlock.database.ConnectionFailure;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.database.ServerFacts;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Holds the migrations of this release, listed once, and looks at the history whether
 * they are applied.
 */
public final class SchemaHead implements HeadProbe {

	private static final String CALLBACK = "callback ";

	private final HistoryReader history;

	private final @Nullable HeadComparison comparison;

	private final List<String> standingWork;

	private final String problem;

	private SchemaHead(HistoryReader history, @Nullable HeadComparison comparison, List<String> standingWork,
			String problem) {
		this.history = history;
		this.comparison = comparison;
		this.standingWork = standingWork;
		this.problem = problem;
	}

	/**
	 * Lists the migrations of this release. If they cannot be listed, every look says so.
	 * @param configuration Flyway's configuration
	 * @param table the history table
	 * @param server the facts of the server, which repeatable migrations can refer to
	 * @return the head
	 */
	public static SchemaHead of(Configuration configuration, HistoryTable table, ServerFacts server) {
		HistoryReader history = new HistoryReader(configuration, table);
		try {
			LocalMigrations local = MigrationScan.of(configuration, table, server);
			return new SchemaHead(history, new HeadComparison(configuration, local), standingWork(configuration, local),
					"");
		}
		catch (LinkageError | RuntimeException ex) {
			// Flyway's own run meets the same problem and reports it in its own words; a
			// LinkageError means another Flyway, which decides without this look
			return new SchemaHead(history, null, List.of(), "The migrations cannot be listed: " + ex);
		}
	}

	@Override
	public SchemaStatus look(Connection connection) throws SQLException {
		if (this.comparison == null) {
			return SchemaStatus.unknown(this.problem);
		}
		try {
			return this.comparison.compare(this.history.read(connection));
		}
		catch (SQLException ex) {
			if (ConnectionFailure.is(ex)) {
				throw ex;
			}
			return SchemaStatus.unknown("The history table cannot be read: " + ex.getMessage());
		}
	}

	/**
	 * Returns what Flyway does at every start although the schema is at head, so that
	 * only a run of Flyway will do.
	 * @return each piece of work in words; empty if a schema at head needs no run
	 */
	public List<String> standingWork() {
		return this.standingWork;
	}

	/**
	 * Returns whether there is a callback among that work.
	 * @return whether Flyway runs callbacks although nothing is pending
	 */
	public boolean hasCallbacks() {
		return this.standingWork.stream().anyMatch((work) -> work.startsWith(CALLBACK));
	}

	private static List<String> standingWork(Configuration configuration, LocalMigrations local) {
		List<String> work = new ArrayList<>();
		for (Callback callback : configuration.getCallbacks()) {
			if (StandingEvents.ALL.stream().anyMatch((event) -> supports(callback, event))) {
				work.add(CALLBACK + callback.getCallbackName());
			}
		}
		local.eventScripts().forEach((script) -> work.add(CALLBACK + "script " + script));
		local.alwaysPending().forEach((script) -> work.add("repeatable migration " + script + " with a time stamp"));
		if (configuration.getResolvers().length > 0) {
			work.add("custom migration resolvers");
		}
		if (configuration.isSkipExecutingMigrations()) {
			work.add("skipExecutingMigrations");
		}
		MigrationVersion target = configuration.getTarget();
		if (target != null && target != MigrationVersion.LATEST) {
			work.add("target " + target);
		}
		return List.copyOf(work);
	}

	private static boolean supports(Callback callback, Event event) {
		try {
			return callback.supports(event, null);
		}
		catch (RuntimeException ex) {
			// it wants the context of a real run, so let it have one
			return true;
		}
	}

}
