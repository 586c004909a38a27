package io.github.headlock.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * Judges what a process of a Job that finishes background migrations said, and how it
 * ended.
 */
final class JobVerdict {

	/** The background migrations of the release are not finished. */
	private static final int UNFINISHED = 15;

	private static final Set<Integer> SIGNALS = Set.of(137, 143);

	private static final String BEGUN = "Finishing the background migrations of this release";

	private static final List<String> DONE = List.of("The background migrations of this release are finished",
			"leaves its background migrations to the");

	private static final String TIMED_OUT = "(headlock.background.finish-timeout)";

	private static final String STOPPED = "Background migrations of this release cannot be finished now";

	private JobVerdict() {
	}

	/**
	 * Decides whether a process ended as it should have.
	 * @param process a process that has ended
	 * @param plan what the round was
	 * @return what was wrong
	 */
	static List<Violation> of(ReplicaProcess process, BackgroundPlan plan) {
		int code = process.exitCode();
		ReplicaLog log = process.log();
		List<Violation> violations = new ArrayList<>();
		if (log.contains("Exception in thread")) {
			violations.add(new Violation(Invariant.EXPLAINED, process.name() + " has a thread that died"));
		}
		if (code == 0) {
			if (DONE.stream().noneMatch(log::contains)) {
				violations.add(violation(process, "has succeeded, and does not say what became of them"));
			}
		}
		else if (code == UNFINISHED) {
			boolean timedOut = plan.extras().finishTimeout() > 0 && log.contains(TIMED_OUT);
			boolean stopped = (plan.stops() || plan.hasLaterRelease()) && log.contains(STOPPED);
			if (!timedOut && !stopped) {
				violations.add(violation(process, "has given up for no reason"));
			}
		}
		else if (!SIGNALS.contains(code) && log.contains(BEGUN)) {
			violations.add(violation(process,
					String.format(Locale.ROOT, "has ended with exit code %d, and could have gone on", code)));
		}
		else {
			violations.addAll(ProcessVerdict.of(process, true, Blocking.NONE));
		}
		return violations;
	}

	private static Violation violation(ReplicaProcess process, String what) {
		return new Violation(Invariant.JOB, process.name() + " " + what);
	}

}
