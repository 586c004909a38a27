package io.github.headlock.campaign;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.PostgresServer;

/**
 * What one round plays on, and faults strike at: the database, the way to it, and what
 * stands in the way of the replicas.
 *
 * @param server the server
 * @param pooler the pooler, if the replicas go through one
 * @param database the database of the round
 * @param neighbour another one
 * @param gates where migrations are held
 * @param traffic the application at work
 * @param observer sees who does what
 * @param timeline notes it
 */
record RoundEnvironment(PostgresServer server, Optional<PgBouncer> pooler, RoundDatabase database,
		BystanderDatabase neighbour, Gates gates, Traffic traffic, Observer observer,
		Timeline timeline) implements AutoCloseable {

	static RoundEnvironment set(PostgresServer server, Scenario scenario, Schedule schedule, String name,
			Timeline timeline) throws SQLException {
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

	private static RoundEnvironment set(PostgresServer server, Scenario scenario, Schedule schedule,
			RoundDatabase database, Timeline timeline) throws SQLException {
		Optional<PgBouncer> pooler = scenario.isPooled()
				? Optional.of(PgBouncer.start(server, scenario.poolSize(), "server_login_retry = 1"))
				: Optional.empty();
		try {
			pooler.ifPresent((pgBouncer) -> pgBouncer.allow(database.migrator(), database.application()));
			return new RoundEnvironment(server, pooler, database, BystanderDatabase.of(server, database),
					new Gates(database, timeline), traffic(scenario, schedule, database, pooler),
					new Observer(server, database.name()), timeline);
		}
		catch (SQLException | RuntimeException ex) {
			pooler.ifPresent(PgBouncer::close);
			throw ex;
		}
	}

	/** A pooler keeps its sessions while nobody uses them, so that they do not drain. */
	private static Traffic traffic(Scenario scenario, Schedule schedule, RoundDatabase database,
			Optional<PgBouncer> pooler) {
		boolean drain = scenario.blocking() == Blocking.DRAIN;
		String url = drain ? database.url() : url(database, pooler);
		boolean sacred = (drain || scenario.blocking() == Blocking.NONE) && !schedule.strikesAll();
		return new Traffic(url, database.application(), !schedule.strikesAt(Step.DRAINING), sacred);
	}

	/** URL for the replicas. */
	String url() {
		return url(this.database, this.pooler);
	}

	private static String url(RoundDatabase database, Optional<PgBouncer> pooler) {
		return pooler.map((pgBouncer) -> pgBouncer.url(database.name())).orElseGet(database::url);
	}

	/** What was done to those who are not part of the rollout, in words. */
	List<String> damage() {
		List<String> damage = new ArrayList<>(this.neighbour.damage());
		damage.addAll(this.traffic.damage());
		return damage;
	}

	/** Nothing stands in the way any more. */
	void clear() throws SQLException {
		this.gates.close();
		this.traffic.becomePolite();
	}

	@Override
	public void close() throws SQLException {
		PgBouncer pgBouncer = this.pooler.orElse(null);
		// the last one first, and each one in any case
		try (this.database; pgBouncer; this.observer; this.neighbour; this.gates; this.traffic) {
			this.timeline.note("the stage is cleared");
		}
	}

}
