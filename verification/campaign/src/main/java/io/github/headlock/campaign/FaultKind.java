package io.github.headlock.campaign;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What can be done to a rollout.
 */
enum FaultKind implements ReportedFault {

	KILL("replica killed (SIGKILL)", (step) -> true),

	STOP("replica stopped for a while (SIGSTOP, SIGCONT)", (step) -> true),

	TERMINATE("replica told to end (SIGTERM)", (step) -> true),

	LOCK_SESSION("session that holds the lock terminated", (step) -> step.isUnderLock() || step == Step.ANYTIME),

	MIGRATION_SESSION("session that migrates, blocks roles or lets them in terminated",
			(step) -> (step.isUnderLock() && step != Step.LOCK_TAKEN) || step == Step.ANYTIME),

	USURPED("holder stopped, its lock taken away, continued beside the next holder",
			(step) -> step.isUnderLock() || step == Step.ANYTIME),

	POOLER("PgBouncer killed and started again", (step) -> step != Step.READY),

	SERVER_FAST("PostgreSQL restarted (fast)", (step) -> true),

	SERVER_IMMEDIATE("PostgreSQL restarted (immediate)", (step) -> true),

	REFUSED("new connections refused for a while", (step) -> step != Step.READY),

	FAILOVER("primary stopped for good, standby promoted", (step) -> true),

	HELD_BACK("replication held back until the failover", (step) -> true);

	/** What is drawn for every round, in this order. A failover comes on top of it. */
	static final List<FaultKind> DRAWN = List.of(KILL, STOP, TERMINATE, LOCK_SESSION, MIGRATION_SESSION, USURPED,
			POOLER, SERVER_FAST, SERVER_IMMEDIATE, REFUSED);

	private final String text;

	private final Predicate<Step> steps;

	FaultKind(String text, Predicate<Step> steps) {
		this.text = text;
		this.steps = steps;
	}

	boolean fits(Step step) {
		return this.steps.test(step);
	}

	/** Whether it concerns all sessions, a plain Flyway's included. */
	boolean strikesAll() {
		return compareTo(POOLER) >= 0;
	}

	/** Whether the lock goes and the migration goes on. */
	boolean separatesLockFromMigration() {
		return this == LOCK_SESSION || this == USURPED;
	}

	/** Whether rounds with a failover have it, or those without. */
	boolean isDrawn(boolean failover) {
		return failover ? this != POOLER : DRAWN.contains(this);
	}

	/** Whether the server comes back after it. */
	boolean restartsServer() {
		return this == SERVER_FAST || this == SERVER_IMMEDIATE;
	}

	/** Whether it needs somebody who holds the lock. */
	boolean strikesHolder() {
		return separatesLockFromMigration() || this == MIGRATION_SESSION;
	}

	/** Whether it strikes replicas that hold nothing any more, if all are ready. */
	boolean meansLittleTo(Step step) {
		return step == Step.READY && (this == STOP || restartsServer());
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
