package io.github.headlock.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What a seed adds to a round about background migrations. It is drawn from a generator
 * of its own, so that seeds still draw all else as they did before.
 *
 * @param java whether the migration is code, and not a file
 * @param laterJava whether that of the later release is
 * @param jobs number of Jobs that finish the migration
 * @param finishTimeout how long such a Job may take, in seconds, 0 for no bound
 * @param disturbances what happens beside the faults, in this order
 */
record BackgroundExtras(boolean java, boolean laterJava, int jobs, int finishTimeout,
		List<BackgroundDisturbance> disturbances) {

	private static final long EXTRAS = 0x6A09E667F3BCC908L;

	private static final int MOST_DISTURBANCES = 3;

	private static final int LONGEST_DELAY = 6000;

	private static final int SHORTEST = 1000;

	private static final int LONGEST = 4000;

	private static final int CONNECTIONS_PER_JOB = 2;

	static BackgroundExtras draw(long seed) {
		SplittableRandom random = new SplittableRandom(seed ^ EXTRAS);
		boolean java = random.nextBoolean();
		boolean laterJava = random.nextBoolean();
		int jobs = (random.nextInt(3) == 0) ? 1 + random.nextInt(2) : 0;
		int finishTimeout = (jobs > 0 && random.nextBoolean()) ? 2 + random.nextInt(8) : 0;
		List<BackgroundDisturbance> disturbances = new ArrayList<>();
		int number = random.nextInt(MOST_DISTURBANCES + 1);
		while (disturbances.size() < number) {
			BackgroundDisturbanceKind[] kinds = BackgroundDisturbanceKind.values();
			BackgroundDisturbance disturbance = new BackgroundDisturbance(kinds[random.nextInt(kinds.length)],
					random.nextInt(LONGEST_DELAY), SHORTEST + random.nextInt(LONGEST));
			if (jobs > 0 || !disturbance.kind().isOfJob()) {
				disturbances.add(disturbance);
			}
		}
		return new BackgroundExtras(java, laterJava, jobs, finishTimeout, List.copyOf(disturbances));
	}

	boolean has(BackgroundDisturbanceKind kind) {
		return this.disturbances.stream().anyMatch((disturbance) -> disturbance.kind() == kind);
	}

	/** Connections of a pooler for the Jobs. */
	int connections() {
		return this.jobs * CONNECTIONS_PER_JOB;
	}

	/** How much later others may go on with a batch because of the disturbances. */
	Duration delaysFor() {
		return this.disturbances.stream().map(BackgroundDisturbance::delaysFor).reduce(Duration.ZERO, Duration::plus);
	}

	/** All that makes it a special one, in words. */
	List<String> traits() {
		List<String> traits = new ArrayList<>();
		traits.add(this.java ? "background migration in Java" : "background migration in SQL");
		if (this.jobs > 0) {
			traits.add("Jobs that finish it" + ((this.finishTimeout > 0) ? ", with a timeout" : ""));
		}
		return traits;
	}

	@Override
	public String toString() {
		return String
			.format(Locale.ROOT, "%s%s%s%s", this.java ? "java" : "sql",
					(this.laterJava != this.java) ? " later " + (this.laterJava ? "java" : "sql") : "",
					(this.jobs > 0) ? " jobs " + this.jobs
							+ ((this.finishTimeout > 0) ? " for " + this.finishTimeout + " s" : "") : "",
					this.disturbances.isEmpty() ? ""
							: "; beside: " + this.disturbances.stream()
								.map(BackgroundDisturbance::toString)
								.collect(Collectors.joining(", ")));
	}

}
