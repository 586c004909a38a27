package io.github.headlock.campaign;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.campaign.Observer.Session;

/**
 * StepBarriers replicas at the steps of faults, each until its fault has struck.
 */
final class StepBarriers {

	private static final int NO_GATE = 0;

	private final RoundEnvironment stage;

	private final Scenario scenario;

	private final boolean plain;

	private final List<Fault> ahead = new ArrayList<>();

	private final Map<Fault, Obstacle> obstacles = new HashMap<>();

	/**
	 * Creates the barriers of a round; none is in place yet.
	 * @param stage where
	 * @param scenario what
	 * @param plain whether all replicas are without Headlock
	 */
	StepBarriers(RoundEnvironment stage, Scenario scenario, boolean plain) {
		this.stage = stage;
		this.scenario = scenario;
		this.plain = plain;
	}

	/** Puts in the way what can be there from the beginning. */
	void prepare(List<Fault> faults) throws SQLException {
		this.ahead.addAll(faults);
		for (Fault fault : faults) {
			int gate = gate(fault);
			if (gate != NO_GATE) {
				this.stage.gates().hold(gate);
			}
			if ((fault.step() == Step.BLOCKING && !this.plain) || fault.step() == Step.QUEUEING) {
				this.obstacles.put(fault, obstacle(fault));
			}
		}
	}

	/** Where the lock's holder waits, or did before its obstacle was there. */
	int gate(Fault fault) {
		return switch (fault.step()) {
			case WAITING -> Gates.number(fault.version(), Step.INSIDE);
			case INSIDE, RECORDING ->
				fault.isInsideIndex() ? Gates.number(this.scenario.lastMigration(), Step.RECORDING)
						: Gates.number(fault.version(), fault.step());
			case LETTING_IN -> this.plain ? NO_GATE : Gates.number(fault.version(), Step.RECORDING);
			default -> NO_GATE;
		};
	}

	/**
	 * Puts the obstacle in the way of a step that comes after the gate of its fault, once
	 * the lock's holder is at that.
	 * @return whether somebody came
	 */
	boolean exchange(Fault fault, Rollout rollout, Duration patience) throws SQLException {
		if (fault.step() != Step.LETTING_IN && !fault.isInsideIndex()) {
			return true;
		}
		boolean there = Wait.until(patience,
				() -> rollout.isReady() || this.stage.observer().atGate(gate(fault)).isPresent());
		if (!there || rollout.isReady()) {
			return false;
		}
		this.obstacles.put(fault, obstacle(fault));
		this.stage.gates().release(gate(fault));
		return true;
	}

	private Obstacle obstacle(Fault fault) throws SQLException {
		RoundDatabase database = this.stage.database();
		return switch (fault.step()) {
			case QUEUEING -> Obstacle.beforeTable(database);
			case BLOCKING, LETTING_IN -> Obstacle.beforeRoles(this.scenario.blocking(), database);
			default -> Obstacle.beforeIndex(database);
		};
	}

	/**
	 * After a restart of the server, which has ended all that was in the way.
	 * @param fault the restart, for which nothing needs to be held any more
	 */
	void holdAgain(Fault fault) throws SQLException {
		this.stage.gates().holdAgain();
		for (Map.Entry<Fault, Obstacle> held : this.obstacles.entrySet()) {
			held.getValue().close();
			if (!held.getKey().equals(fault)) {
				held.setValue(obstacle(held.getKey()));
			}
		}
	}

	/** Who waits for the obstacle of a fault. */
	Optional<Session> atObstacle(Fault fault) {
		Obstacle obstacle = this.obstacles.get(fault);
		try {
			return (obstacle != null) ? this.stage.observer().blockedBy(obstacle.pid()) : Optional.empty();
		}
		catch (SQLException ex) {
			return Optional.empty();
		}
	}

	/**
	 * Whether somebody stands where another fault is to strike, past the step of this one
	 * if that is under the lock. Flyway alone has fewer steps.
	 */
	boolean isHeldElsewhere(Fault fault) {
		return this.stage.observer().isAtAnotherGate(gate(fault))
				|| (fault.step().isUnderLock() && this.obstacles.keySet()
					.stream()
					.anyMatch((other) -> !other.equals(fault) && atObstacle(other).isPresent()));
	}

	/** Lets go what is held for a fault, unless it is held for a later one as well. */
	void open(Fault fault) throws SQLException {
		this.ahead.remove(fault);
		int gate = gate(fault);
		if (gate != NO_GATE && this.ahead.stream().noneMatch((other) -> gate(other) == gate)) {
			this.stage.gates().release(gate);
		}
		if (fault.step() == Step.DRAINING) {
			this.stage.traffic().becomePolite();
		}
		Obstacle obstacle = this.obstacles.remove(fault);
		if (obstacle != null) {
			obstacle.close();
		}
	}

}
