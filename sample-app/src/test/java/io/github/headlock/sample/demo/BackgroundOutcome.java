package io.github.headlock.sample.demo;

/**
 * What became of a background migration, and of the release that requires it.
 *
 * @param rollout what happened: first the pods, then the next release, twice
 * @param pods number of pods
 * @param before the schema before the next release came too early
 * @param afterRefusal the schema when it was refused
 * @param end the schema when it was accepted
 * @param answers what became of the requests of the pods' users
 */
record BackgroundOutcome(RolloutTimeline rollout, int pods, ParcelSchema before, ParcelSchema afterRefusal,
		ParcelSchema end, Answers answers) {

	private static final ParcelSchema UNKNOWN = new ParcelSchema(0, false, 0);

	/** Not all pods got ready, so that the next release did not come. */
	static BackgroundOutcome withoutPods(RolloutTimeline rollout) {
		return new BackgroundOutcome(rollout, rollout.replicas().size(), UNKNOWN, UNKNOWN, UNKNOWN, Answers.NONE);
	}

}
