package io.github.headlock.campaign;

import java.util.Optional;

import io.github.headlock.testbed.FailoverCluster;
import io.github.headlock.testbed.PgBouncer;
import io.github.headlock.testbed.Pgpool;
import io.github.headlock.testbed.PostgresServer;
import org.jspecify.annotations.Nullable;

/**
 * How the database of a round is reached: straight, or through a pooler, which ends with
 * the round.
 */
final class Access implements AutoCloseable {

	private final RoundDatabase database;

	private final @Nullable FailoverCluster cluster;

	private final @Nullable PgBouncer pgBouncer;

	private final @Nullable Pgpool pgpool;

	private Access(RoundDatabase database, @Nullable FailoverCluster cluster, @Nullable PgBouncer pgBouncer,
			@Nullable Pgpool pgpool) {
		this.database = database;
		this.cluster = cluster;
		this.pgBouncer = pgBouncer;
		this.pgpool = pgpool;
	}

	/**
	 * Starts the pooler that a scenario has, if it has one.
	 * @param server the server, or the primary
	 * @param cluster the primary and its standby, if there is one
	 * @param scenario what is rolled out
	 * @param database the database of the round
	 * @return the way to it
	 */
	static Access open(PostgresServer server, @Nullable FailoverCluster cluster, Scenario scenario,
			RoundDatabase database) {
		PgBouncer pgBouncer = pgBouncer(server, scenario.poolSize(), database);
		Pgpool pgpool = (cluster != null && scenario.topology() == Topology.PAIR_BEHIND_PGPOOL) ? cluster.pgpool()
				: null;
		return new Access(database, cluster, pgBouncer, pgpool);
	}

	/**
	 * The same without a standby.
	 * @param server the server
	 * @param poolSize server connections of a PgBouncer, 0 for none
	 * @param database the database of the round
	 * @return the way to it
	 */
	static Access open(PostgresServer server, int poolSize, RoundDatabase database) {
		return new Access(database, null, pgBouncer(server, poolSize, database), null);
	}

	private static @Nullable PgBouncer pgBouncer(PostgresServer server, int poolSize, RoundDatabase database) {
		if (poolSize == 0) {
			return null;
		}
		PgBouncer pgBouncer = PgBouncer.start(server, poolSize, "server_login_retry = 1");
		pgBouncer.allow(database.migrator(), database.application());
		return pgBouncer;
	}

	/** URL for the replicas. */
	String url() {
		if (this.pgBouncer != null) {
			return this.pgBouncer.url(this.database.name());
		}
		return (this.pgpool != null) ? this.pgpool.url(this.database.name()) : straightUrl();
	}

	/** URL without a pooler, which leads to the primary after a failover as well. */
	String straightUrl() {
		return (this.cluster != null) ? this.cluster.primaryUrl(this.database.name()) : this.database.url();
	}

	/** URL of the standby and the primary, in this order; with one server, of that. */
	String standbyFirstUrl() {
		return (this.cluster != null) ? this.cluster.standbyFirstUrl(this.database.name()) : this.database.url();
	}

	/** What pgpool-II has written, if there is one. */
	Optional<String> pgpoolLog() {
		return Optional.ofNullable(this.pgpool).map(Pgpool::log);
	}

	Optional<PgBouncer> pgBouncer() {
		return Optional.ofNullable(this.pgBouncer);
	}

	@Override
	public void close() {
		if (this.pgBouncer != null) {
			this.pgBouncer.close();
		}
		if (this.pgpool != null) {
			this.pgpool.close();
		}
	}

}
