package io.github.headlock.campaign;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.testbed.FailoverCluster;
import org.jspecify.annotations.Nullable;

/**
 * The failover of a round: does it, looks at what it has lost, and says what that
 * excuses.
 */
final class Failover {

	private static final String BLOCKED = "SELECT relname FROM pg_class WHERE relname LIKE '%blocked_roles'";

	private final FailoverCluster cluster;

	private final RoundDatabase database;

	private final Timeline timeline;

	private final List<Violation> violations = new ArrayList<>();

	private @Nullable FailoverOutcome outcome;

	/** When the primary was still there for the last time. */
	private long begin;

	private int excused;

	private Failover(FailoverCluster cluster, RoundDatabase database, Timeline timeline) {
		this.cluster = cluster;
		this.database = database;
		this.timeline = timeline;
	}

	/**
	 * Begins a round, in which no transaction may be lost unless replication is held
	 * back.
	 * @param cluster the primary and its standby
	 * @param heldBack whether replication is going to be held back
	 * @param database the database of the round
	 * @param timeline notes what is done
	 * @return the failover, for its time
	 */
	static Failover prepare(FailoverCluster cluster, boolean heldBack, RoundDatabase database, Timeline timeline) {
		if (!heldBack) {
			cluster.replicateSynchronously();
		}
		// whoever reaches the standby finds the database there
		cluster.awaitReplay();
		return new Failover(cluster, database, timeline);
	}

	/** From now on, what is committed is lost by the failover. */
	void holdBack() {
		this.cluster.holdBack();
		this.timeline.note("what is committed from now on does not reach the standby");
	}

	/**
	 * Stops the primary and promotes the standby.
	 * @param step the step that was recognised
	 * @param outage how long there is no primary, in milliseconds
	 * @throws SQLException if a server does not answer
	 */
	void strike(Step step, int outage) throws SQLException {
		boolean heldBack = this.cluster.isHeldBack();
		if (!heldBack) {
			// also where replication was to be held back and was not, in time
			this.cluster.replicateSynchronously();
		}
		List<String> recorded = Inspection.recorded(this.database);
		boolean blocked = !this.database.list(BLOCKED).isEmpty();
		if (!heldBack) {
			this.cluster.awaitReplay();
		}
		this.begin = System.nanoTime();
		this.cluster.stopPrimary();
		Wait.pause(outage);
		this.cluster.promote();
		List<String> lost = new ArrayList<>(recorded);
		lost.removeAll(Inspection.recorded(this.database));
		boolean lostRestore = heldBack && !blocked && !this.database.list(BLOCKED).isEmpty();
		if (!heldBack && !lost.isEmpty()) {
			throw new IllegalStateException("Replication was synchronous, and yet the standby lacks " + lost);
		}
		this.timeline.note("the standby is the primary now; lost rows: %s%s", lost,
				lostRestore ? ", and the restore of the roles' login" : "");
		this.outcome = new FailoverOutcome(step, heldBack, lost.size(), lostRestore, 0);
		this.violations.addAll(AtomicityCheck.of(this.database));
	}

	/**
	 * Takes away from what a process did wrong what it could not know: when it was ready,
	 * the schema was, and then the failover has lost that.
	 * @param process a process that has ended
	 * @param found what it did wrong
	 * @return the rest
	 */
	List<Violation> withoutExcused(ReplicaProcess process, List<Violation> found) {
		if (this.outcome == null || !this.outcome.heldBack() || !process.beganBefore(this.begin)) {
			return found;
		}
		List<Violation> rest = found.stream().filter((one) -> one.invariant() != Invariant.EARLY).toList();
		this.excused += found.size() - rest.size();
		return rest;
	}

	/** Whether roles are blocked again that had been let in. */
	boolean blocksAgain() {
		return this.outcome != null && this.outcome.lostRestore();
	}

	/** What was wrong right after it. */
	List<Violation> violations() {
		return this.violations;
	}

	/** What it did, if it came to it. */
	Optional<FailoverOutcome> outcome() {
		return Optional.ofNullable(this.outcome)
			.map((known) -> new FailoverOutcome(known.step(), known.heldBack(), known.lostMigrations(),
					known.lostRestore(), this.excused));
	}

}
