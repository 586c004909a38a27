package io.github.headlock.campaign;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.campaign.Observer.Session;
import org.jspecify.annotations.Nullable;

/**
 * Lets the faults of a schedule strike at a rollout, each at its moment, one after the
 * other.
 */
final class Faults {

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	/**
	 * After so many looks, of 20 ms or so, at which somebody stands at a later step,
	 * nobody comes to an earlier one any more.
	 */
	private static final int STALL = 200;

	/** Who is as old as this and says nothing queues in PgBouncer. */
	private static final Duration QUEUED = Duration.ofSeconds(6);

	private final RoundEnvironment stage;

	private final Scenario scenario;

	private final boolean plain;

	private final FaultTally tally;

	private final List<Violation> violations = new ArrayList<>();

	private MissReason miss = MissReason.IN_VAIN;

	/** Milliseconds since the rollout began. */
	private long lastFaultOver;

	private final StepBarriers holds;

	/**
	 * Creates the faults of a round.
	 * @param stage the environment in which they happen
	 * @param scenario what is rolled out
	 * @param plain whether all replicas are without Headlock
	 * @param tally counts them
	 */
	Faults(RoundEnvironment stage, Scenario scenario, boolean plain, FaultTally tally) {
		this.stage = stage;
		this.scenario = scenario;
		this.plain = plain;
		this.tally = tally;
		this.holds = new StepBarriers(stage, scenario, plain);
	}

	/** Puts in the way what holds replicas at their step. */
	void prepare(List<Fault> faults) throws SQLException {
		this.holds.prepare(faults);
	}

	/** Injects the faults, one after the other. */
	void strike(List<Fault> faults, Rollout rollout) throws SQLException {
		this.lastFaultOver = 0;
		for (Fault fault : faults) {
			this.miss = MissReason.IN_VAIN;
			if (strike(fault, rollout)) {
				this.tally.hit(fault.kind());
			}
			else {
				this.tally.miss(fault, this.miss);
				reportHang(fault, rollout);
			}
			this.holds.open(fault);
			this.lastFaultOver = rollout.millisSinceBegin();
		}
	}

	/** What waited for the fault has lasted longer than any start may. */
	private void reportHang(Fault fault, Rollout rollout) {
		List<String> hanging = rollout.replicas().stream().filter((one) -> !one.isReady()).map(Replica::name).toList();
		if (this.miss == MissReason.NOT_IN_TIME && !hanging.isEmpty()) {
			this.violations.add(new Violation(Invariant.READY,
					String.format(Locale.ROOT, "%s neither ready nor come to \"%s\" after %d s",
							String.join(", ", hanging), fault, PATIENCE.toSeconds())));
		}
	}

	private boolean strike(Fault fault, Rollout rollout) throws SQLException {
		if (this.plain && (fault.step() == Step.BLOCKING || fault.step() == Step.DRAINING
				|| fault.step() == Step.LETTING_IN)) {
			return false;
		}
		if (!this.holds.exchange(fault, rollout, PATIENCE)) {
			this.miss = rollout.isReady() ? MissReason.READY_BEFORE : MissReason.NOT_IN_TIME;
			return false;
		}
		Target target = await(fault, rollout);
		if (target == null || !(this.plain || target.replica().hasHeadlock())) {
			return false;
		}
		if (fault.step().isPassing()) {
			Wait.pause(fault.delay());
		}
		return new FaultInjector(this.stage, rollout, this.scenario.blocking(), this.holds).of(fault, target.replica(),
				target.session());
	}

	private @Nullable Target await(Fault fault, Rollout rollout) {
		boolean mayBeLate = fault.step() == Step.READY || fault.step() == Step.ANYTIME;
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		int held = 0;
		while (System.nanoTime() - deadline < 0) {
			Optional<Target> target = find(fault, rollout);
			if (target.isPresent()) {
				return target.get();
			}
			if (!mayBeLate && rollout.isReady()) {
				this.miss = MissReason.READY_BEFORE;
				return null;
			}
			held = (!mayBeLate && this.holds.isHeldElsewhere(fault)) ? held + 1 : 0;
			if (held > STALL) {
				this.miss = MissReason.PASSED;
				return null;
			}
			Wait.pause(10);
		}
		this.miss = MissReason.NOT_IN_TIME;
		return null;
	}

	private Optional<Target> find(Fault fault, Rollout rollout) {
		Replica chosen = rollout.replicas().get(fault.replica());
		return switch (fault.step()) {
			case STARTING -> Target.of(chosen.logContains("Starting ReplicaApplication") ? chosen : null);
			case WAITING -> Target.of(waiting(rollout));
			case LOCK_TAKEN -> find(rollout, this.stage.observer().lockHolder());
			case INSIDE, RECORDING -> find(rollout, named(fault.isInsideIndex() ? this.holds.atObstacle(fault)
					: this.stage.observer().atGate(this.holds.gate(fault))));
			case BLOCKING, QUEUEING, LETTING_IN -> find(rollout, named(this.holds.atObstacle(fault)));
			case DRAINING -> this.stage.observer().mayLogIn(this.stage.database().application()) ? Optional.empty()
					: find(rollout, this.stage.observer().lockHolder())
						.map((target) -> new Target(target.replica(), null));
			case READY -> Target.of(rollout.find(Replica::isReady).orElse(null));
			case ANYTIME -> (isTimeOf(fault, rollout) && chosen.isOlderThan(Duration.ZERO))
					? atAnyTime(fault, rollout, chosen) : Optional.empty();
		};
	}

	private boolean isTimeOf(Fault fault, Rollout rollout) {
		return rollout.millisSinceBegin() >= fault.delay() + (fault.comesLater() ? this.lastFaultOver : 0);
	}

	/**
	 * Flyway says nothing while it waits, nor can who queues in PgBouncer, because the
	 * holder has both of its connections.
	 */
	private @Nullable Replica waiting(Rollout rollout) {
		if (this.plain) {
			return inNeedOfTheLock(rollout, Duration.ZERO);
		}
		return rollout.find((replica) -> replica.logContains("Waiting for the migration lock") && !replica.isReady())
			.orElseGet(() -> (this.scenario.poolSize() == 2) ? inNeedOfTheLock(rollout, QUEUED) : null);
	}

	private @Nullable Replica inNeedOfTheLock(Rollout rollout, Duration since) {
		return this.stage.observer()
			.lockHolder()
			.flatMap((holder) -> rollout
				.find((replica) -> !replica.name().equals(holder.replica()) && replica.isOlderThan(since)
						&& replica.logContains("Starting ReplicaApplication") && !replica.isReady()))
			.orElse(null);
	}

	/** Behind a pooler only the lock's session is sure to have its client's name. */
	private Optional<Session> named(Optional<Session> session) {
		return !this.scenario.isPooled() ? session
				: session.map((there) -> this.stage.observer()
					.lockHolder()
					.map((holder) -> new Session(there.pid(), holder.replica()))
					.orElse(there));
	}

	/** Somebody must hold the lock for some faults, and nobody will if all are ready. */
	private Optional<Target> atAnyTime(Fault fault, Rollout rollout, Replica chosen) {
		if (!fault.kind().strikesHolder() || rollout.isReady()) {
			return Target.of(chosen);
		}
		Observer observer = this.stage.observer();
		Optional<Session> holder = observer.lockHolder()
			.filter((session) -> fault.kind() != FaultKind.MIGRATION_SESSION
					|| observer.otherSession(session, this.stage.database().migrator()).isPresent());
		return find(rollout, holder).map((target) -> new Target(target.replica(), null));
	}

	private static Optional<Target> find(Rollout rollout, Optional<Session> session) {
		return session.flatMap((there) -> rollout.find((replica) -> replica.name().equals(there.replica()))
			.map((replica) -> new Target(replica, there)));
	}

	/** What was wrong already before a fault could strike. */
	List<Violation> violations() {
		return this.violations;
	}

	/**
	 * Whom a fault strikes.
	 *
	 * @param replica the replica
	 * @param session the session that it was recognised by, if it was by one
	 */
	private record Target(Replica replica, @Nullable Session session) {

		static Optional<Target> of(@Nullable Replica replica) {
			return Optional.ofNullable(replica).map((found) -> new Target(found, null));
		}

	}

}
