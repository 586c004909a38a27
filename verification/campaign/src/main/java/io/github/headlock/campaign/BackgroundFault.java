package io.github.headlock.campaign;

/**
 * One fault of a round about background migrations.
 *
 * @param kind what is done
 * @param step when, and so to whom
 * @param length how long a stop or an outage lasts, in milliseconds; an odd one lets the
 * process that is killed go on just before, so that it dies at about its commit, and has
 * the later release refused
 */
record BackgroundFault(BackgroundFaultKind kind, BackgroundStep step, int length) {

	boolean isAboutTheCommit() {
		return this.length % 2 == 1;
	}

	/** Whether the later release is refused at its gate. */
	boolean isRefused() {
		return this.kind == BackgroundFaultKind.LATER_RELEASE && this.length % 2 == 1;
	}

	@Override
	public String toString() {
		return this.kind + (isRefused() ? " refused " : " ") + this.step;
	}

}
