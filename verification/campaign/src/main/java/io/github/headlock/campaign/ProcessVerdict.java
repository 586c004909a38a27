package io.github.headlock.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.campaign.replica.ReplicaApplication;

/**
 * Judges what a replica's process said, and how it ended.
 */
final class ProcessVerdict {

	/** SIGKILL and SIGTERM, of which the campaign sends both. */
	private static final Set<Integer> SIGNALS = Set.of(137, 143);

	/** Of Headlock's contract: a failure, the lock not taken in time, the lock lost. */
	private static final Set<Integer> FAILURES = Set.of(1, 10, 14);

	private static final int SESSIONS_IN_THE_WAY = 12;

	private static final Pattern EXPLANATION = Pattern.compile("APPLICATION FAILED TO START|Exception| ERROR ");

	private ProcessVerdict() {
	}

	/**
	 * Decides whether a process ended as it should have.
	 * @param process a process that has ended
	 * @param headlock whether it is one with Headlock
	 * @param blocking how sessions were kept out
	 * @return what was wrong
	 */
	static List<Violation> of(ReplicaProcess process, boolean headlock, Blocking blocking) {
		List<Violation> violations = new ArrayList<>();
		process.log()
			.lines(ReplicaApplication.TOO_EARLY)
			.forEach((line) -> violations.add(new Violation(Invariant.EARLY, process.name() + ": " + line)));
		int code = process.exitCode();
		if (headlock && !SIGNALS.contains(code)) {
			if (!FAILURES.contains(code) && (code != SESSIONS_IN_THE_WAY || blocking == Blocking.NONE)) {
				violations.add(new Violation(Invariant.EXPLAINED,
						String.format(Locale.ROOT, "%s ended with exit code %d", process.name(), code)));
			}
			else if (!process.log().contains(EXPLANATION)) {
				violations.add(new Violation(Invariant.EXPLAINED, String.format(Locale.ROOT,
						"%s ended with exit code %d and says nothing about it", process.name(), code)));
			}
		}
		return violations;
	}

}
