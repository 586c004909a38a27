package io.github.headlock.campaign;

/**
 * One fault of a schedule.
 *
 * @param kind what is done
 * @param step when, and so to whom
 * @param version the migration, for steps of one and those that are held at one, else 0
 * @param replica which replica, where the step leaves that open
 * @param delay for {@link Step#ANYTIME} milliseconds since the rollout began or the fault
 * before was over, else since the step was seen, unless something holds the replica there
 * @param length how long a stop or an outage lasts, in milliseconds
 */
record Fault(FaultKind kind, Step step, int version, int replica, int delay, int length) {

	/** Whether it strikes in the middle of the migration that is not transactional. */
	boolean isInsideIndex() {
		return this.step == Step.INSIDE && this.version == Scenario.CONCURRENT_INDEX;
	}

	/**
	 * Whether it strikes when those of the other steps have, at replicas that recover.
	 */
	boolean comesLater() {
		return this.step == Step.ANYTIME && this.length / 2 % 2 == 1;
	}

	@Override
	public String toString() {
		String moment = this.step.toString();
		if (this.step.isOfMigration()) {
			moment += " " + this.version;
		}
		else if (this.step == Step.ANYTIME) {
			moment = comesLater() ? this.delay + " ms later" : moment + " " + this.delay + " ms";
		}
		return this.kind + " " + moment;
	}

}
