package io.github.headlock.campaign;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * The faults of one round, in the order in which they strike.
 *
 * @param faults the faults
 * @param atFailingRelease whether they strike at the release that fails, if there is one,
 * and not at the one that cures it
 */
record Schedule(List<Fault> faults, boolean atFailingRelease) {

	private static final int MAX_FAULTS = 3;

	private static final int LATEST = 2500;

	private static final int LONGEST_QUEUE = 1500;

	private static final int LONGEST = 1200;

	/** Longer than a few heartbeats of the lock's connection. */
	private static final int LONG_STOP = 7000;

	private static final int LONGEST_STOP = 12_000;

	private static final Comparator<Fault> ORDER = Comparator.comparing(Schedule::order).thenComparing(Fault::delay);

	/** Enough to find an earlier moment, if there is one. */
	private static final int ATTEMPTS = 100;

	static Schedule draw(SplittableRandom random, Scenario scenario) {
		boolean atFailingRelease = random.nextBoolean() && scenario.failing() > 0;
		int number = 1 + random.nextInt(MAX_FAULTS);
		List<Fault> faults = new ArrayList<>();
		while (faults.size() < number) {
			Fault fault = drawFault(random, scenario, atFailingRelease);
			if (faults.stream().noneMatch((other) -> standInEachOthersWay(fault, other, scenario))) {
				faults.add(fault);
			}
		}
		faults.sort(ORDER);
		return new Schedule(List.copyOf(faults), atFailingRelease);
	}

	/**
	 * Adds a failover, before which in half of the cases replication is held back.
	 * @param random a generator for this alone
	 * @param scenario what is rolled out
	 * @return the faults that do not stand in its way, and the failover
	 */
	Schedule withFailover(SplittableRandom random, Scenario scenario) {
		Fault failover = draw(FaultKind.FAILOVER, random, scenario);
		List<Fault> others = new ArrayList<>(this.faults);
		others.removeIf((other) -> standInEachOthersWay(other, failover, scenario));
		if (scenario.topology() == Topology.PAIR_BEHIND_PGPOOL) {
			// it takes a server that is away for a moment for one that has failed
			others.removeIf((other) -> other.kind().restartsServer());
		}
		others.add(failover);
		List<Fault> all = new ArrayList<>();
		if (random.nextBoolean()) {
			all.add(drawBefore(failover, others, random, scenario));
		}
		all.addAll(others);
		all.sort(ORDER);
		return new Schedule(List.copyOf(all), this.atFailingRelease);
	}

	private Fault drawBefore(Fault failover, List<Fault> others, SplittableRandom random, Scenario scenario) {
		for (int i = 0; i < ATTEMPTS; i++) {
			Fault fault = draw(FaultKind.HELD_BACK, random, scenario);
			if (ORDER.compare(fault, failover) <= 0
					&& others.stream().noneMatch((other) -> standInEachOthersWay(fault, other, scenario))) {
				return fault;
			}
		}
		return new Fault(FaultKind.HELD_BACK, Step.ANYTIME, 0, 0, 0, 0);
	}

	/** Steps that few rounds have come more often, as they do among all faults. */
	private Fault draw(FaultKind kind, SplittableRandom random, Scenario scenario) {
		while (true) {
			Step step = Step.values()[random.nextInt(Step.values().length)];
			if (random.nextInt(3) == 0) {
				step = scenario.queue() ? Step.QUEUEING
						: (scenario.blocking() == Blocking.DRAIN) ? Step.DRAINING : step;
			}
			int version = version(step, random, scenario, this.atFailingRelease);
			Fault fault = new Fault(kind, step, version, random.nextInt(scenario.replicas()),
					random.nextInt(latest(step)), 100 + random.nextInt(LONGEST));
			if (fits(kind, step, scenario) && (!this.atFailingRelease || isReached(step, version, scenario))) {
				return fault;
			}
		}
	}

	/**
	 * Migrations come one after the other, each with its beginning and its end. A fault
	 * at any time comes before all others or after them, when replicas recover.
	 */
	private static int order(Fault fault) {
		int steps = Step.values().length;
		int later = (Scenario.REPEATABLE + 1) * steps;
		return switch (fault.step()) {
			case STARTING, WAITING, LOCK_TAKEN, BLOCKING, DRAINING -> fault.step().ordinal();
			case QUEUEING, INSIDE, RECORDING -> fault.version() * steps + fault.step().ordinal();
			case LETTING_IN, READY -> later + fault.step().ordinal();
			case ANYTIME -> fault.comesLater() ? later + fault.step().ordinal() : -1;
		};
	}

	/** What holds a replica at a step is there once. */
	private static boolean standInEachOthersWay(Fault one, Fault other, Scenario scenario) {
		return switch (one.step()) {
			case QUEUEING, INSIDE, RECORDING, BLOCKING, DRAINING, LETTING_IN ->
				holder(one, scenario).equals(holder(other, scenario));
			default -> false;
		};
	}

	/** What is put in the way of something comes at the end of what is before that. */
	private static List<Object> holder(Fault fault, Scenario scenario) {
		if (fault.isInsideIndex()) {
			return List.of(Step.RECORDING, scenario.lastMigration());
		}
		return List.of((fault.step() == Step.LETTING_IN) ? Step.RECORDING : fault.step(), fault.version());
	}

	private static Fault drawFault(SplittableRandom random, Scenario scenario, boolean atFailingRelease) {
		while (true) {
			FaultKind kind = FaultKind.DRAWN.get(random.nextInt(FaultKind.DRAWN.size()));
			Step step = (scenario.queue() && random.nextInt(3) == 0) ? Step.QUEUEING
					: Step.values()[random.nextInt(Step.values().length)];
			int version = version(step, random, scenario, atFailingRelease);
			int replica = random.nextInt(scenario.replicas());
			int delay = random.nextInt(latest(step));
			boolean rare = random.nextInt(5) == 0;
			int length = (rare && kind == FaultKind.STOP) ? LONG_STOP + random.nextInt(LONGEST_STOP - LONG_STOP)
					: 100 + random.nextInt(LONGEST);
			if ((!kind.meansLittleTo(step) || rare) && fits(kind, step, scenario)
					&& !isLimit(kind, step, version, scenario)
					&& (!atFailingRelease || isReached(step, version, scenario))) {
				return new Fault(kind, step, version, replica, delay, length);
			}
		}
	}

	private static int latest(Step step) {
		return switch (step) {
			case ANYTIME -> LATEST;
			case QUEUEING -> LONGEST_QUEUE;
			default -> 150;
		};
	}

	/** The one that is not transactional is worth half of these faults. */
	private static int version(Step step, SplittableRandom random, Scenario scenario, boolean atFailingRelease) {
		List<Integer> pending = scenario.pending(scenario.failing() > 0 && !atFailingRelease);
		return switch (step) {
			case QUEUEING -> scenario.queueing();
			case WAITING -> pending.get(0);
			case INSIDE, RECORDING -> (pending.contains(Scenario.CONCURRENT_INDEX) && random.nextBoolean())
					? Scenario.CONCURRENT_INDEX : pending.get(random.nextInt(pending.size()));
			case LETTING_IN -> pending.get(pending.size() - 1);
			default -> 0;
		};
	}

	private static boolean fits(FaultKind kind, Step step, Scenario scenario) {
		if (!kind.fits(step) || (kind == FaultKind.POOLER && !scenario.isPooled())) {
			return false;
		}
		// a plain Flyway that is struck loses its promises, which proves nothing here;
		// and it knows the lock, but not the fence behind it: a limit
		if (scenario.plainFlyway() && (kind.strikesAll() || kind.separatesLockFromMigration())) {
			return false;
		}
		return switch (step) {
			case BLOCKING, LETTING_IN -> scenario.blocking() != Blocking.NONE;
			case QUEUEING -> scenario.queue();
			case DRAINING -> scenario.blocking() == Blocking.DRAIN;
			default -> true;
		};
	}

	/**
	 * Behind a pooler a migration without a transaction has no fence. If the lock goes in
	 * its middle, and its server process does not go with it, another replica may begin
	 * the same one beside it.
	 */
	private static boolean isLimit(FaultKind kind, Step step, int version, Scenario scenario) {
		if (!scenario.concurrently() || !scenario.isPooled()) {
			return false;
		}
		boolean mayBeInIt = version == Scenario.CONCURRENT_INDEX;
		return switch (kind) {
			case KILL, POOLER -> mayBeInIt;
			case LOCK_SESSION, USURPED -> mayBeInIt || step == Step.LOCK_TAKEN || step == Step.ANYTIME;
			default -> false;
		};
	}

	private static boolean isReached(Step step, int version, Scenario scenario) {
		return switch (step) {
			case LETTING_IN, READY -> false;
			case QUEUEING, INSIDE -> version <= scenario.failing();
			case RECORDING -> version < scenario.failing();
			default -> true;
		};
	}

	/** Whether one of the faults strikes at this step. */
	boolean strikesAt(Step step) {
		return this.faults.stream().anyMatch((fault) -> fault.step() == step);
	}

	/** Whether one of the faults concerns all sessions. */
	boolean strikesAll() {
		return this.faults.stream().anyMatch((fault) -> fault.kind().strikesAll());
	}

	/** Whether one of the faults is of this kind. */
	boolean has(FaultKind kind) {
		return this.faults.stream().anyMatch((fault) -> fault.kind() == kind);
	}

	@Override
	public String toString() {
		return this.faults.stream().map(Fault::toString).collect(Collectors.joining(", "));
	}

}
