package io.github.headlock.campaign;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What can be done to the work on a background migration.
 */
enum BackgroundFaultKind implements ReportedFault {

	KILL("replica at work killed (SIGKILL)"),

	STOP("replica at work stopped for a while (SIGSTOP, SIGCONT)"),

	STOP_LONG("replica at work stopped until after its batch timeout"),

	TERMINATE("replica at work told to end (SIGTERM)"),

	SESSION("session at work terminated"),

	POOLER("PgBouncer killed and started again"),

	SERVER_FAST("PostgreSQL restarted (fast)"),

	SERVER_IMMEDIATE("PostgreSQL restarted (immediate)"),

	ROLLBACK("rolled back to the release without the migration, and forward again"),

	LATER_RELEASE("later release with another text of the migration started beside, or refused at its gate"),

	LOCKED_ROWS("rows locked by an open transaction until a pass has ended"),

	PAUSED("paused by an operator, and set to running again");

	private static final Set<BackgroundStep> UNRECORDED = EnumSet.of(BackgroundStep.TAKEN, BackgroundStep.CHANGED);

	private final String text;

	BackgroundFaultKind(String text) {
		this.text = text;
	}

	/** Whether there is something to do at this step. */
	boolean fits(BackgroundStep step) {
		return switch (this) {
			// a batch that is made is not taken, and the end of a pass is no batch
			case STOP_LONG -> step != BackgroundStep.PASS_ENDED;
			case LOCKED_ROWS -> step == BackgroundStep.TAKEN;
			// later the row of progress is locked
			case PAUSED -> UNRECORDED.contains(step);
			default -> true;
		};
	}

	/** Whether it strikes a start as well that finishes the migration. */
	boolean fitsStart() {
		return compareTo(ROLLBACK) < 0 && this != STOP_LONG;
	}

	/**
	 * Whether it strikes the process at work, which must be known: behind a pooler a
	 * session has the name of its process only in a transaction of several statements.
	 */
	boolean strikesProcess() {
		return compareTo(TERMINATE) <= 0;
	}

	/** Whether connections are lost that have nothing to do with the one at work. */
	boolean isOutage() {
		return this == POOLER || this == SERVER_FAST || this == SERVER_IMMEDIATE;
	}

	@Override
	public String text() {
		return this.text;
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
