package io.github.headlock.campaign;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import io.github.headlock.testbed.PostgresServer;

/**
 * What a round about background migrations plays on: the database, the way to it, its
 * releases, and the application at work.
 *
 * @param plan what is done
 * @param server the server
 * @param database the database of the round
 * @param access the way to it
 * @param neighbour another database
 * @param first the release before the migration
 * @param second the release with it
 * @param later a release with another text of it
 * @param last the release with the gated migration
 * @param traffic the application at work
 * @param monitor looks at what must always hold
 * @param observer sees who does what
 * @param progress reads how far the migration is
 * @param operator pauses it, and the like
 * @param timeline notes what is done
 */
record BackgroundStage(BackgroundPlan plan, PostgresServer server, RoundDatabase database, Access access,
		BystanderDatabase neighbour, BackgroundRelease first, BackgroundRelease second, BackgroundRelease later,
		BackgroundRelease last, CustomerTraffic traffic, BackgroundMonitor monitor, Observer observer,
		BackgroundProgress progress, BackgroundOperator operator, Timeline timeline) implements Stage, AutoCloseable {

	private static final String FILL = """
			INSERT INTO customer (id, n, first_name, last_name) SELECT %s, i, 'first ' || i, 'last ' || i \
			FROM generate_series(1, %d) AS i""";

	/**
	 * Sets it up, with the release before the migration and its rows.
	 * @param server the server
	 * @param plan what is done
	 * @param name name of the database
	 * @param folder where migrations go
	 * @param timeline notes what is done
	 */
	static BackgroundStage set(PostgresServer server, BackgroundPlan plan, String name, Path folder, Timeline timeline)
			throws SQLException {
		RoundDatabase database = RoundDatabase.create(server, name);
		try {
			Access access = Access.open(server, plan.poolSize(), database);
			try {
				return set(server, plan, database, access, folder, timeline);
			}
			catch (SQLException | RuntimeException ex) {
				access.close();
				throw ex;
			}
		}
		catch (SQLException | RuntimeException ex) {
			try (database) {
				throw ex;
			}
		}
	}

	private static BackgroundStage set(PostgresServer server, BackgroundPlan plan, RoundDatabase database,
			Access access, Path folder, Timeline timeline) throws SQLException {
		BackgroundScenario scenario = plan.scenario();
		BackgroundRelease first = BackgroundRelease.first(folder.resolve("first"), scenario, database);
		BackgroundRelease second = BackgroundRelease.second(folder.resolve("second"), plan, database);
		BackgroundRelease later = BackgroundRelease.later(folder.resolve("later"), plan, database);
		Path last = folder.resolve("last");
		database.install(List.of(first.location()));
		fill(database, scenario);
		BatchBarrier.prepare(database);
		BackgroundWatch.prepare(database);
		BackgroundProgress progress = new BackgroundProgress(database);
		return new BackgroundStage(plan, server, database, access, BystanderDatabase.of(server, database), first,
				second, later,
				(plan.hasLaterRelease() ? BackgroundRelease.later(last, plan, database)
						: BackgroundRelease.second(last, plan, database))
					.gated(),
				new CustomerTraffic(access.url(), database.application(), scenario, plan.random().nextLong(), timeline),
				new BackgroundMonitor(database, scenario.workers()), new Observer(server, database.name()), progress,
				new BackgroundOperator(progress, timeline), timeline);
	}

	private static void fill(RoundDatabase database, BackgroundScenario scenario) throws SQLException {
		try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
			statement.execute(
					String.format(Locale.ROOT, FILL, scenario.uuid() ? "gen_random_uuid()" : "i", scenario.rows()));
			if (scenario.analyzed()) {
				statement.execute("ANALYZE customer");
			}
		}
	}

	/** The table, and who works on it. */
	BackgroundScenario scenario() {
		return this.plan.scenario();
	}

	/** How long it may take at most until others go on with what a process has begun. */
	Duration goesOnWithin() {
		return scenario().goesOnWithin().plus(this.plan.extras().delaysFor());
	}

	/**
	 * Lets some rows need the migration again, as a release before it does. It waits for
	 * none of them, so that the application is in no deadlock with it.
	 */
	void writeOldRows() throws SQLException {
		this.database.execute("UPDATE customer SET full_name = NULL, needed = needed + 1 "
				+ "WHERE n IN (SELECT n FROM customer WHERE full_name IS NOT NULL AND n % 3 = 0 "
				+ "FOR NO KEY UPDATE SKIP LOCKED)");
	}

	@Override
	public void close() throws SQLException {
		// the last one first, and each one in any case
		try (this.database; this.access; this.observer; this.neighbour; this.monitor; this.traffic) {
			this.timeline.note("the stage is cleared");
		}
	}

}
