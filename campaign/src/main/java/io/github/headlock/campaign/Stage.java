package io.github.headlock.campaign;

import java.sql.SQLException;
import java.util.Optional;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * What one round plays on, and faults strike at: the database, the way to it, and what
 * stands in the way of the replicas.
 *
 * @param server the server
 * @param pooler the pooler, if the replicas go through one
 * @param database the database of the round
 * @param neighbour another one
 * @param gates where migrations are held
 * @param traffic the application at work, if there is any
 * @param observer sees who does what
 * @param timeline notes it
 */
record Stage(PostgresServer server, Optional<PgBouncer> pooler, RoundDatabase database, Neighbour neighbour,
		Gates gates, @Nullable Traffic traffic, Observer observer, Timeline timeline) implements AutoCloseable {

	static Stage set(PostgresServer server, Scenario scenario, Schedule schedule, String name, Timeline timeline)
			throws SQLException {
		RoundDatabase database = RoundDatabase.create(server, name);
		try {
			return set(server, scenario, schedule, database, timeline);
		}
		catch (SQLException | RuntimeException ex) {
			try (database) {
				throw ex;
			}
		}
	}

	private static Stage set(PostgresServer server, Scenario scenario, Schedule schedule, RoundDatabase database,
			Timeline timeline) throws SQLException {
		Optional<PgBouncer> pooler = scenario.isPooled()
				? Optional.of(PgBouncer.start(server, scenario.poolSize(), "server_login_retry = 1"))
				: Optional.empty();
		try {
			pooler.ifPresent((pgBouncer) -> pgBouncer.allow(database.migrator(), database.application()));
			boolean working = scenario.blocking() != Blocking.NONE && scenario.fromPrevious();
			return new Stage(server, pooler, database, Neighbour.of(server, database), new Gates(database, timeline),
					working ? new Traffic(database, !schedule.strikesAt(Step.DRAINING)) : null,
					new Observer(server, database.name()), timeline);
		}
		catch (SQLException | RuntimeException ex) {
			pooler.ifPresent(PgBouncer::close);
			throw ex;
		}
	}

	/** URL for the replicas. */
	String url() {
		return this.pooler.map((pgBouncer) -> pgBouncer.url(this.database.name())).orElseGet(this.database::url);
	}

	/** Nothing stands in the way any more. */
	void clear() throws SQLException {
		this.gates.close();
		if (this.traffic != null) {
			this.traffic.becomePolite();
		}
	}

	@Override
	public void close() throws SQLException {
		Traffic working = this.traffic;
		PgBouncer pgBouncer = this.pooler.orElse(null);
		// the last one first, and each one in any case
		try (this.database; pgBouncer; this.observer; this.neighbour; this.gates; working) {
			this.timeline.note("the stage is cleared");
		}
	}

}
