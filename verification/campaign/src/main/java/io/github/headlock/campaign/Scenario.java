package io.github.headlock.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What is rolled out, onto what, and how it reaches the database.
 *
 * @param fromPrevious whether the previous release's schema is there already
 * @param poolSize server connections of a PgBouncer in transaction mode, 0 for none
 * @param blocking how the application's sessions are kept out
 * @param migrations transactional migrations of the new release
 * @param concurrently whether an index is created concurrently after these
 * @param slow which of these takes a second, 0 for none
 * @param failing which of these fails in the first attempt at the new release, 0 for none
 * @param inJava whether there is a migration in Java
 * @param queue whether a migration may queue for a table, each time for a moment only
 * @param callback whether there is a callback, so that every start takes the lock
 * @param replicas replicas of the new release
 * @param previousReplica whether a replica of the previous release starts meanwhile
 * @param plainFlyway whether one replica has no Headlock
 * @param later whether a later release then fails without a transaction, and a replica of
 * this one starts beside its failed row
 * @param topology the servers, and how they are reached
 */
record Scenario(boolean fromPrevious, int poolSize, Blocking blocking, int migrations, boolean concurrently, int slow,
		int failing, boolean inJava, boolean queue, boolean callback, int replicas, boolean previousReplica,
		boolean plainFlyway, boolean later, Topology topology) {

	/** The last migration of the previous release. */
	static final int PREVIOUS_HEAD = 2;

	/** The migration that creates an index concurrently. */
	static final int CONCURRENT_INDEX = 50;

	/** The migration in Java. */
	static final int IN_JAVA = 90;

	/** The migration of a later release. */
	static final int LATER = 95;

	/** Stands for the version of the repeatable migration, which comes last. */
	static final int REPEATABLE = 99;

	static Scenario draw(SplittableRandom random, boolean later) {
		boolean plainFlyway = random.nextInt(8) == 0;
		boolean fromPrevious = random.nextInt(3) > 0;
		Blocking blocking = Blocking.values()[random.nextInt(Blocking.values().length)];
		int migrations = 2 + random.nextInt(2);
		boolean concurrently = random.nextInt(4) == 0 && !plainFlyway;
		int slow = (random.nextInt(5) == 0) ? drawMigration(random, migrations) : 0;
		int failing = (random.nextInt(6) == 0 && !plainFlyway) ? drawMigration(random, migrations) : 0;
		boolean inJava = random.nextInt(4) == 0;
		// the table must be there when the rollout begins
		boolean queue = random.nextInt(4) == 0 && fromPrevious;
		boolean callback = random.nextInt(8) == 0 && !plainFlyway;
		boolean pooled = random.nextBoolean() && !plainFlyway;
		// a callback takes a third connection
		int poolSize = pooled ? 2 + random.nextInt(3) : 0;
		return new Scenario(fromPrevious, (pooled && callback) ? Math.max(poolSize, 3) : poolSize, blocking, migrations,
				concurrently, slow, failing, inJava, queue, callback, 2 + random.nextInt(2),
				random.nextInt(3) == 0 && fromPrevious, plainFlyway, later, Topology.ONE_SERVER);
	}

	private static int drawMigration(SplittableRandom random, int migrations) {
		return PREVIOUS_HEAD + 1 + random.nextInt(migrations);
	}

	boolean isPooled() {
		return this.poolSize > 0;
	}

	/**
	 * For replicas without Headlock: Flyway's lock hangs on two server connections, and
	 * the one that bears an index made concurrently needs a session of its own.
	 */
	Scenario forPlainFlyway() {
		int connections = (this.concurrently || !isPooled()) ? 0 : Math.max(this.poolSize, 3);
		return new Scenario(this.fromPrevious, connections, this.blocking, this.migrations, this.concurrently,
				this.slow, this.failing, this.inJava, this.queue, this.callback, this.replicas, this.previousReplica,
				this.plainFlyway, this.later, this.topology);
	}

	/**
	 * For a round with a failover, which neither Flyway alone nor a PgBouncer goes along
	 * with. Through pgpool-II no sessions are kept out, and an index made concurrently
	 * would have no fence, as behind any pooler.
	 */
	Scenario on(Topology pair) {
		boolean pgpool = pair == Topology.PAIR_BEHIND_PGPOOL;
		return new Scenario(this.fromPrevious, 0, pgpool ? Blocking.NONE : this.blocking, this.migrations,
				this.concurrently && !pgpool, this.slow, this.failing, this.inJava, this.queue, this.callback,
				this.replicas, this.previousReplica, false, this.later, pair);
	}

	/** Version of the last transactional migration in SQL. */
	int lastMigration() {
		return PREVIOUS_HEAD + this.migrations;
	}

	/** Version of the migration that may queue for a table. */
	int queueing() {
		return (this.failing > 0) ? this.failing : PREVIOUS_HEAD + 1;
	}

	/**
	 * Versions of the migrations in the order in which they are applied.
	 * @param cure whether those before the failing one are there already
	 * @return the versions, that of the repeatable one as well
	 */
	List<Integer> pending(boolean cure) {
		List<Integer> pending = new ArrayList<>();
		for (int version = this.fromPrevious ? PREVIOUS_HEAD + 1 : 1; version <= lastMigration(); version++) {
			if (!cure || version >= this.failing) {
				pending.add(version);
			}
		}
		if (this.concurrently) {
			pending.add(CONCURRENT_INDEX);
		}
		if (this.inJava) {
			pending.add(IN_JAVA);
		}
		pending.add(REPEATABLE);
		return pending;
	}

	/** All that makes it a special one, in words. */
	List<String> traits() {
		List<String> traits = new ArrayList<>();
		traits.add(this.fromPrevious ? "upgrade" : "empty database");
		traits.add(switch (this.topology) {
			case ONE_SERVER -> isPooled() ? "through PgBouncer" : "direct";
			case PAIR, PAIR_AND_STANDBY_FIRST -> "direct";
			case PAIR_BEHIND_PGPOOL -> "through pgpool-II";
		});
		add(traits, this.topology == Topology.PAIR_AND_STANDBY_FIRST, "replica that reaches the standby");
		add(traits, this.blocking != Blocking.NONE, "sessions kept out");
		add(traits, this.concurrently, "CREATE INDEX CONCURRENTLY");
		add(traits, this.slow > 0, "slow migration");
		add(traits, this.failing > 0, "failing migration");
		add(traits, this.inJava, "migration in Java");
		add(traits, this.queue, "lock timeout of migrations");
		add(traits, this.callback, "callback");
		add(traits, this.previousReplica, "replica of the previous release");
		add(traits, this.plainFlyway, "plain Flyway process");
		add(traits, this.later, "failed later release");
		return traits;
	}

	private static void add(List<String> traits, boolean present, String trait) {
		if (present) {
			traits.add(trait);
		}
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder(this.fromPrevious ? "upgrade" : "empty");
		text.append(isPooled() ? " pool " + this.poolSize
				: (this.topology == Topology.PAIR_BEHIND_PGPOOL) ? " pgpool" : " direct");
		text.append((this.blocking != Blocking.NONE) ? " " + this.blocking.name().toLowerCase(Locale.ROOT) : "");
		text.append(this.concurrently ? " cic" : "");
		text.append((this.slow > 0) ? " slow " + this.slow : "");
		text.append((this.failing > 0) ? " failing " + this.failing : "");
		text.append(this.inJava ? " java" : "").append(this.queue ? " queue" : "");
		text.append(this.callback ? " callback" : "");
		text.append(this.previousReplica ? " previous" : "").append(this.plainFlyway ? " plain-flyway" : "");
		text.append(this.later ? " later" : "");
		text.append((this.topology == Topology.PAIR_AND_STANDBY_FIRST) ? " standby-first" : "");
		return text.toString();
	}

}
