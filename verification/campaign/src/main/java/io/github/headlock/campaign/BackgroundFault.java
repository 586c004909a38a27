package io.github.headlock.campaign;

/**
 * One fault of a round about background migrations.
 *
 * @param kind what is done
 * @param step when, and so to whom
 * @param length how long a stop or an outage lasts, in milliseconds; an odd one lets the
 * process that is killed go on just before, so that it dies at about its commit
 */
record BackgroundFault(BackgroundFaultKind kind, BackgroundStep step, int length) {

	boolean isAboutTheCommit() {
		return this.length % 2 == 1;
	}

	@Override
	public String toString() {
		return this.kind + " " + this.step;
	}

}
