package io.github.headlock.campaign;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.campaign.Observer.Session;
import org.jspecify.annotations.Nullable;

/**
 * Lets faults strike at the work on a background migration, each at its step, one after
 * the other, and makes sure that others do what was begun.
 */
final class BackgroundFaults {

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	/** What was connected notices late that it is connected to nobody. */
	private static final Duration AFTERWARDS = Duration.ofSeconds(12);

	private static final int LOOKS_PER_STATE = 20;

	private final BackgroundStage stage;

	private final BackgroundInjector injector;

	private final FaultTally tally;

	private final List<Violation> violations = new ArrayList<>();

	private final List<Outage> outages = new ArrayList<>();

	BackgroundFaults(BackgroundStage stage, BackgroundInjector injector, FaultTally tally) {
		this.stage = stage;
		this.injector = injector;
		this.tally = tally;
	}

	/** Injects faults into replicas that serve. */
	void strike(List<BackgroundFault> faults) throws SQLException {
		for (BackgroundFault fault : faults) {
			try (BatchBarrier barrier = BatchBarrier.hold(fault.step(), this.stage.database())) {
				strike(fault, barrier, this.stage.progress()::isFinished, true);
			}
		}
	}

	/**
	 * Injects a fault into a start that finishes the migration.
	 * @param fault the fault
	 * @param barrier what holds it at its step
	 * @param over whether there is nothing to finish any more
	 */
	void strikeStart(BackgroundFault fault, BatchBarrier barrier, BooleanSupplier over) throws SQLException {
		strike(fault, barrier, over, false);
	}

	private void strike(BackgroundFault fault, BatchBarrier barrier, BooleanSupplier over, boolean othersWork)
			throws SQLException {
		Instant begin = Instant.now();
		Session session = await(fault, over);
		if (session == null) {
			barrier.close();
			return;
		}
		Work before = new Work(this.stage.progress().openBatches(), this.stage.progress().position());
		boolean hit = this.injector.of(fault, session, barrier, () -> awaitTakenAgain(fault, before));
		barrier.close();
		if (fault.kind().isOutage() || fault.kind() == BackgroundFaultKind.STOP
				|| fault.kind() == BackgroundFaultKind.STOP_LONG) {
			this.outages.add(new Outage(begin, Instant.now().plus(AFTERWARDS)));
		}
		if (!hit) {
			this.tally.miss(fault, MissReason.IN_VAIN);
			return;
		}
		this.tally.hit(fault.kind());
		if (othersWork) {
			awaitTakenAgain(fault, before);
		}
	}

	private @Nullable Session await(BackgroundFault fault, BooleanSupplier over) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		for (int i = 0; System.nanoTime() - deadline < 0; i++) {
			Optional<Session> held = this.stage.observer().atGate(fault.step().gate());
			if (held.isPresent()) {
				return held.get();
			}
			if (i % LOOKS_PER_STATE == 0 && over.getAsBoolean()) {
				this.tally.miss(fault, MissReason.PASSED);
				return null;
			}
			Wait.pause(10);
		}
		this.tally.miss(fault, MissReason.NOT_IN_TIME);
		this.violations.add(new Violation(Invariant.FINISHED, String.format(Locale.ROOT,
				"nobody comes to \"%s\" in %d s: %s", fault, PATIENCE.toSeconds(), this.stage.progress().describe())));
		return null;
	}

	private void awaitTakenAgain(BackgroundFault fault, Work before) {
		long begin = System.nanoTime();
		boolean taken = Wait.until(this.stage.goesOnWithin(), () -> {
			Wait.pause(50);
			return this.stage.progress().openBatches().stream().noneMatch(before.batches()::contains)
					&& !this.stage.progress().position().equals(before.position());
		});
		long millis = (System.nanoTime() - begin) / 1_000_000;
		if (taken) {
			this.stage.timeline().note("batches %s are done, and more, %d ms later", before.batches(), millis);
		}
		else {
			this.violations.add(new Violation(Invariant.TAKEN_AGAIN,
					String.format(Locale.ROOT, "after \"%s\", %s of %s are still there %d ms later: %s", fault,
							this.stage.progress().openBatches(), before.batches(), millis,
							this.stage.progress().describe())));
		}
	}

	/** Whether connections were lost, or processes stopped, at that moment. */
	boolean isOutage(Instant moment) {
		return this.outages.stream()
			.anyMatch((outage) -> !moment.isBefore(outage.begin()) && !moment.isAfter(outage.end()));
	}

	/** What was wrong. */
	List<Violation> violations() {
		return this.violations;
	}

	/**
	 * What was under way when a fault struck.
	 *
	 * @param batches open batches
	 * @param position how far the migration was
	 */
	private record Work(List<String> batches, String position) {
	}

	private record Outage(Instant begin, Instant end) {
	}

}
