package io.github.headlock.campaign;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.headlock.testbed.FailoverCluster;
import io.github.headlock.testbed.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * What one round plays on, and faults strike at: the database, the way to it, and what
 * stands in the way of the replicas.
 *
 * @param server the server, or the primary of the moment
 * @param access the way to the database
 * @param failover what takes the standby to the place of the primary, if there is one
 * @param database the database of the round
 * @param neighbour another one
 * @param gates where migrations are held
 * @param traffic the application at work
 * @param observer sees who does what
 * @param timeline notes it
 */
record RoundEnvironment(PostgresServer server, Access access, Optional<Failover> failover, RoundDatabase database,
		BystanderDatabase neighbour, Gates gates, Traffic traffic, Observer observer,
		Timeline timeline) implements Stage, AutoCloseable {

	/**
	 * Sets it up.
	 * @param server the server, or the primary of the moment
	 * @param cluster the primary and its standby, if there is one
	 * @param plan what is rolled out, and what strikes
	 * @param name name of the database
	 * @param timeline notes what is done
	 */
	static RoundEnvironment set(PostgresServer server, @Nullable FailoverCluster cluster, RoundPlan plan, String name,
			Timeline timeline) throws SQLException {
		RoundDatabase database = RoundDatabase.create(server, name);
		try {
			return set(server, cluster, plan, database, timeline);
		}
		catch (SQLException | RuntimeException ex) {
			try (database) {
				throw ex;
			}
		}
	}

	private static RoundEnvironment set(PostgresServer server, @Nullable FailoverCluster cluster, RoundPlan plan,
			RoundDatabase database, Timeline timeline) throws SQLException {
		Optional<Failover> failover = Optional.ofNullable(cluster)
			.map((pair) -> Failover.prepare(pair, plan.schedule().has(FaultKind.HELD_BACK), database, timeline));
		Access access = Access.open(server, cluster, plan.scenario(), database);
		try {
			return new RoundEnvironment(server, access, failover, database, BystanderDatabase.of(server, database),
					new Gates(database, timeline), traffic(plan, database, access),
					new Observer(server, database.name()), timeline);
		}
		catch (SQLException | RuntimeException ex) {
			access.close();
			throw ex;
		}
	}

	/** A pooler keeps its sessions while nobody uses them, so that they do not drain. */
	private static Traffic traffic(RoundPlan plan, RoundDatabase database, Access access) {
		Blocking blocking = plan.scenario().blocking();
		boolean drain = blocking == Blocking.DRAIN;
		boolean sacred = (drain || blocking == Blocking.NONE) && !plan.schedule().strikesAll();
		return new Traffic(drain ? access.straightUrl() : access.url(), database.application(),
				!plan.schedule().strikesAt(Step.DRAINING), sacred);
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
		// the last one first, and each one in any case
		try (this.database; this.access; this.observer; this.neighbour; this.gates; this.traffic) {
			this.timeline.note("the stage is cleared");
		}
	}

}
