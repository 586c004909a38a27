package io.github.headlock.campaign;

import java.util.SplittableRandom;

/**
 * The servers of a round, and how its replicas reach them.
 */
enum Topology {

	/** One server, or a PgBouncer before it. */
	ONE_SERVER,

	/** A primary and a standby, behind {@code targetServerType=primary}. */
	PAIR,

	/** The same, and one more replica, whose URL names the standby first. */
	PAIR_AND_STANDBY_FIRST,

	/** A primary and a standby behind a pgpool-II. */
	PAIR_BEHIND_PGPOOL;

	/** One that has a standby to promote. */
	static Topology drawPair(SplittableRandom random) {
		return switch (random.nextInt(6)) {
			case 0 -> PAIR_BEHIND_PGPOOL;
			case 1, 2 -> PAIR_AND_STANDBY_FIRST;
			default -> PAIR;
		};
	}

}
