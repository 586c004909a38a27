package io.github.headlock.campaign;

import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import io.github.headlock.campaign.Observer.Session;
import org.jspecify.annotations.Nullable;

/**
 * Lets the faults of a schedule strike at a rollout, each at its moment, one after the
 * other.
 */
final class Faults {

	private static final Duration PATIENCE = Duration.ofSeconds(40);

	/** After this time at a later gate nobody comes to an earlier step any more. */
	private static final Duration STALL = Duration.ofSeconds(4);

	private static final int NO_GATE = 0;

	private final Stage stage;

	private final Scenario scenario;

	private final boolean plain;

	private final Map<FaultKind, Integer> struck = new EnumMap<>(FaultKind.class);

	private int missed;

	private @Nullable Obstacle obstacle;

	/**
	 * Prepares.
	 * @param stage where
	 * @param scenario what
	 * @param plain whether all replicas are without Headlock
	 */
	Faults(Stage stage, Scenario scenario, boolean plain) {
		this.stage = stage;
		this.scenario = scenario;
		this.plain = plain;
	}

	/** Puts in the way what holds replicas at their step. */
	void prepare(List<Fault> faults) throws SQLException {
		for (Fault fault : faults) {
			int gate = gate(fault);
			if (gate != NO_GATE) {
				this.stage.gates().hold(gate);
			}
			if (fault.step() == Step.BLOCKING && !this.plain) {
				this.obstacle = Obstacle.before(this.scenario.blocking(), this.stage.database());
			}
		}
	}

	/** Where the lock's holder is held until the fault has struck. */
	private int gate(Fault fault) {
		return switch (fault.step()) {
			case WAITING -> Gates.number(Scenario.PREVIOUS_HEAD + 1, Step.INSIDE);
			case INSIDE, RECORDING -> Gates.number(fault.version(), fault.step());
			case LETTING_IN -> this.plain ? NO_GATE : Gates.number(this.scenario.lastMigration(), Step.RECORDING);
			default -> NO_GATE;
		};
	}

	/** Strikes. */
	void strike(List<Fault> faults, Rollout rollout) throws SQLException {
		for (int i = 0; i < faults.size(); i++) {
			Fault fault = faults.get(i);
			if (strike(fault, rollout)) {
				this.struck.merge(fault.kind(), 1, Integer::sum);
			}
			else {
				this.missed++;
				this.stage.timeline().note("missed: %s", fault);
			}
			clear(fault, faults.subList(i + 1, faults.size()));
		}
	}

	private boolean strike(Fault fault, Rollout rollout) throws SQLException {
		if (this.plain && (fault.step() == Step.BLOCKING || fault.step() == Step.DRAINING
				|| fault.step() == Step.LETTING_IN)) {
			return false;
		}
		if (fault.step() == Step.LETTING_IN && !holdBeforeLettingIn(fault, rollout)) {
			return false;
		}
		Target target = await(fault, rollout);
		if (target == null || !(this.plain || target.replica().hasHeadlock())) {
			return false;
		}
		if (fault.step() == Step.STARTING || fault.step() == Step.WAITING || fault.step() == Step.READY) {
			Wait.pause(fault.delay());
		}
		return new Strike(this.stage, rollout, this.scenario.blocking()).of(fault, target.replica(), target.session());
	}

	private boolean holdBeforeLettingIn(Fault fault, Rollout rollout) throws SQLException {
		boolean there = Wait.until(PATIENCE,
				() -> rollout.isReady() || this.stage.observer().atGate(gate(fault)).isPresent());
		if (!there || rollout.isReady()) {
			return false;
		}
		this.obstacle = Obstacle.before(this.scenario.blocking(), this.stage.database());
		this.stage.gates().release(gate(fault));
		return true;
	}

	private @Nullable Target await(Fault fault, Rollout rollout) {
		boolean mayBeLate = fault.step() == Step.READY || fault.step() == Step.ANYTIME;
		int gate = gate(fault);
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		long lastMove = System.nanoTime();
		while (System.nanoTime() - deadline < 0 && System.nanoTime() - lastMove < STALL.toNanos()) {
			Optional<Target> target = find(fault, rollout);
			if (target.isPresent() || (!mayBeLate && rollout.isReady())) {
				return target.orElse(null);
			}
			lastMove = (!mayBeLate && this.stage.observer().isAtAnotherGate(gate)) ? lastMove : System.nanoTime();
			Wait.pause(10);
		}
		return null;
	}

	private Optional<Target> find(Fault fault, Rollout rollout) {
		Replica chosen = rollout.replicas().get(fault.replica());
		return switch (fault.step()) {
			case STARTING -> Target.of(chosen.logContains("Starting ReplicaApplication") ? chosen : null);
			case WAITING -> Target.of(waiting(rollout));
			case LOCK_TAKEN -> find(rollout, this.stage.observer().lockHolder());
			case INSIDE, RECORDING ->
				find(rollout, this.stage.observer().atGate(Gates.number(fault.version(), fault.step())));
			case BLOCKING, LETTING_IN -> find(rollout, this.stage.observer().blockedBy(obstaclePid()));
			case DRAINING -> this.stage.observer().mayLogIn(this.stage.database().application()) ? Optional.empty()
					: find(rollout, this.stage.observer().lockHolder())
						.map((target) -> new Target(target.replica(), null));
			case READY -> Target.of(rollout.find(Replica::isReady).orElse(null));
			case ANYTIME -> Target.of((rollout.millisSinceBegin() >= fault.delay()) ? chosen : null);
		};
	}

	/** Flyway says nothing while it waits. */
	private @Nullable Replica waiting(Rollout rollout) {
		if (!this.plain) {
			return rollout
				.find((replica) -> replica.logContains("Waiting for the migration lock") && !replica.isReady())
				.orElse(null);
		}
		return this.stage.observer()
			.lockHolder()
			.flatMap((holder) -> rollout.find((replica) -> !replica.name().equals(holder.replica())
					&& replica.logContains("Starting ReplicaApplication") && !replica.isReady()))
			.orElse(null);
	}

	private int obstaclePid() {
		try {
			return Objects.requireNonNull(this.obstacle).pid();
		}
		catch (SQLException ex) {
			return 0;
		}
	}

	private static Optional<Target> find(Rollout rollout, Optional<Session> session) {
		return session.flatMap((there) -> rollout.find((replica) -> replica.name().equals(there.replica()))
			.map((replica) -> new Target(replica, there)));
	}

	private void clear(Fault fault, List<Fault> rest) throws SQLException {
		int gate = gate(fault);
		if (gate != NO_GATE && rest.stream().noneMatch((other) -> gate(other) == gate)) {
			this.stage.gates().release(gate);
		}
		if (fault.step() == Step.DRAINING && this.stage.traffic() != null) {
			this.stage.traffic().becomePolite();
		}
		if (this.obstacle != null && (fault.step() == Step.BLOCKING || fault.step() == Step.LETTING_IN)) {
			this.obstacle.close();
			this.obstacle = null;
		}
	}

	/** How many of each kind struck. */
	Map<FaultKind, Integer> struck() {
		return this.struck;
	}

	/** How many did not, because their moment did not come. */
	int missed() {
		return this.missed;
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
