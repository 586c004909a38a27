package io.github.headlock.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * All that a seed decides of a round about background migrations.
 *
 * @param scenario the table, and who works on it
 * @param faults what strikes while replicas serve, in this order
 * @param atStart what strikes a start that finishes the migration, in this order
 * @param extras what is added to that
 * @param random what the rest of the round is drawn from
 */
record BackgroundPlan(BackgroundScenario scenario, List<BackgroundFault> faults, List<BackgroundFault> atStart,
		BackgroundExtras extras, SplittableRandom random) {

	/** So that what a seed draws here has nothing in common with other rounds. */
	private static final long BACKGROUND = 0x9FB21C651E98DF25L;

	private static final int MAX_FAULTS = 3;

	private static final int SHORTEST = 100;

	private static final int LONGEST = 1200;

	static BackgroundPlan of(long seed) {
		SplittableRandom random = new SplittableRandom(seed ^ BACKGROUND);
		BackgroundScenario scenario = BackgroundScenario.draw(random);
		List<BackgroundFault> faults = new ArrayList<>();
		int number = 1 + random.nextInt(MAX_FAULTS);
		while (faults.size() < number) {
			BackgroundFault fault = draw(random, scenario, (kind) -> true);
			// the text changes once
			if (fault.kind() != BackgroundFaultKind.LATER_RELEASE
					|| faults.stream().noneMatch((other) -> other.kind() == BackgroundFaultKind.LATER_RELEASE)) {
				faults.add(fault);
			}
		}
		List<BackgroundFault> atStart = new ArrayList<>();
		if (scenario.isFinishedByStart() && random.nextInt(3) > 0) {
			atStart.add(draw(random, scenario, BackgroundFaultKind::fitsStart));
		}
		return new BackgroundPlan(scenario, List.copyOf(faults), List.copyOf(atStart), BackgroundExtras.draw(seed),
				random);
	}

	private static BackgroundFault draw(SplittableRandom random, BackgroundScenario scenario,
			Predicate<BackgroundFaultKind> which) {
		while (true) {
			BackgroundFaultKind kind = draw(BackgroundFaultKind.values(), random);
			BackgroundStep step = draw(BackgroundStep.values(), random);
			int length = SHORTEST + random.nextInt(LONGEST);
			if (which.test(kind) && kind.fits(step) && isPossible(kind, step, scenario)) {
				return new BackgroundFault(kind, step, length);
			}
		}
	}

	private static boolean isPossible(BackgroundFaultKind kind, BackgroundStep step, BackgroundScenario scenario) {
		return scenario.isPooled() ? !kind.strikesProcess() || step != BackgroundStep.PASS_ENDED
				: kind != BackgroundFaultKind.POOLER;
	}

	private static <T> T draw(T[] values, SplittableRandom random) {
		return values[random.nextInt(values.length)];
	}

	/** Whether there is a release with another text of the migration. */
	boolean hasLaterRelease() {
		return this.faults.stream().anyMatch((fault) -> fault.kind() == BackgroundFaultKind.LATER_RELEASE);
	}

	/** Whether nobody may work on the migration at times. */
	boolean stops() {
		return this.faults.stream().anyMatch((fault) -> fault.kind() == BackgroundFaultKind.PAUSED)
				|| this.extras.disturbances().stream().anyMatch((disturbance) -> disturbance.kind().stops());
	}

	/** Server connections of a pooler, 0 without one. */
	int poolSize() {
		return this.scenario.isPooled() ? this.scenario.poolSize() + this.extras.connections() : 0;
	}

	/** What reports tell of it. */
	RoundSummary summary() {
		List<String> traits = new ArrayList<>(this.scenario.traits());
		traits.addAll(this.extras.traits());
		List<ReportedFault> kinds = new ArrayList<>(List.of(BackgroundFaultKind.values()));
		kinds.addAll(List.of(BackgroundDisturbanceKind.values()));
		return new RoundSummary(toString(), traits, kinds, Invariant.OF_BACKGROUND);
	}

	private static String list(List<BackgroundFault> faults) {
		return faults.stream().map(BackgroundFault::toString).collect(Collectors.joining(", "));
	}

	/** Without what is added. */
	String base() {
		return String.format(Locale.ROOT, "%s | %s%s", this.scenario, list(this.faults),
				this.atStart.isEmpty() ? "" : "; at the start: " + list(this.atStart));
	}

	@Override
	public String toString() {
		return base() + " | " + this.extras;
	}

}
