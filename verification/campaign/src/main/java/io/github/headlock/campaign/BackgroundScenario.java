package io.github.headlock.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A table, the background migration of it, and who works on it.
 *
 * @param rows rows that are there at the beginning
 * @param uuid whether its key is a UUID and not a number
 * @param partitioned whether the table is partitioned
 * @param analyzed whether the server has an estimate of the number of its rows
 * @param workers most open batches
 * @param loadPercent share of time at work
 * @param targetDuration what a batch should take, in milliseconds
 * @param batchTimeout longest that a batch may take, in milliseconds
 * @param poolSize server connections of a PgBouncer in transaction mode, 0 for none
 * @param oldReplicas replicas of the release before
 * @param replicas replicas of the release with the migration
 * @param early whether the release with the gated migration is tried too early
 * @param ending what that release finds in the end
 */
record BackgroundScenario(int rows, boolean uuid, boolean partitioned, boolean analyzed, int workers, int loadPercent,
		int targetDuration, int batchTimeout, int poolSize, int oldReplicas, int replicas, boolean early,
		BackgroundEnding ending) {

	/**
	 * A process looks as seldom as each 30 seconds when it was not its turn, and is
	 * started again before.
	 */
	private static final Duration POLLING = Duration.ofSeconds(40);

	private static final List<Integer> ROWS = List.of(300, 1000, 4000, 12_000, 30_000);

	private static final List<Integer> WORKERS = List.of(1, 2, 4);

	private static final List<Integer> LOADS = List.of(25, 50, 100);

	private static final List<Integer> TARGETS = List.of(25, 50, 100);

	private static final List<Integer> TIMEOUTS = List.of(3000, 4000, 6000);

	static BackgroundScenario draw(SplittableRandom random) {
		BackgroundEnding ending = draw(List.of(BackgroundEnding.values()), random);
		int workers = draw(WORKERS, random);
		int replicas = (workers == 4) ? 3 : 2 + random.nextInt(2);
		boolean pooled = random.nextBoolean();
		// each of them has one in a transaction, and a start that migrates three
		int poolSize = pooled ? replicas + 5 + random.nextInt(3) : 0;
		// where nobody else is at work, only a start that is sure that it is quick begins
		boolean analyzed = random.nextInt(4) > 0 || ending != BackgroundEnding.FINISHED;
		return new BackgroundScenario(draw(ROWS, random) + random.nextInt(200), random.nextInt(3) == 0,
				random.nextInt(5) == 0, analyzed, workers, draw(LOADS, random), draw(TARGETS, random),
				draw(TIMEOUTS, random), poolSize, 1 + random.nextInt(2), replicas, random.nextInt(3) == 0, ending);
	}

	private static <T> T draw(List<T> values, SplittableRandom random) {
		return values.get(random.nextInt(values.size()));
	}

	boolean isPooled() {
		return this.poolSize > 0;
	}

	/** Whether a start has rows to work on for sure, so that faults find it at that. */
	boolean isFinishedByStart() {
		return this.ending == BackgroundEnding.LEFT || this.ending == BackgroundEnding.REOPENED;
	}

	/** How long it may take at most until others go on with what a process has begun. */
	Duration goesOnWithin() {
		return Duration.ofMillis(this.batchTimeout).multipliedBy(2).plus(POLLING);
	}

	/** All that makes it a special one, in words. */
	List<String> traits() {
		List<String> traits = new ArrayList<>();
		traits.add(isPooled() ? "through PgBouncer" : "direct");
		traits.add(String.format(Locale.ROOT, "at most %d open batches", this.workers));
		traits.add(String.format(Locale.ROOT, "load of %d %%", this.loadPercent));
		traits.add(this.ending.toString());
		if (this.uuid) {
			traits.add("key of type uuid");
		}
		if (this.partitioned) {
			traits.add("partitioned table");
		}
		if (!this.analyzed) {
			traits.add("table that was never analyzed");
		}
		if (this.early) {
			traits.add("gated migration tried too early");
		}
		return traits;
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT,
				"%d rows%s%s%s workers %d load %d target %d ms timeout %d s%s replicas %d+%d%s %s", this.rows,
				this.uuid ? " uuid" : "", this.partitioned ? " partitioned" : "", this.analyzed ? "" : " not-analyzed",
				this.workers, this.loadPercent, this.targetDuration, this.batchTimeout / 1000,
				isPooled() ? " pool " + this.poolSize : " direct", this.oldReplicas, this.replicas,
				this.early ? " early" : "", this.ending.name().toLowerCase(Locale.ROOT).replace('_', '-'));
	}

}
