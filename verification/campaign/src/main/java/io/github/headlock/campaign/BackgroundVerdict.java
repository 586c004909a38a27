package io.github.headlock.campaign;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import io.github.headlock.campaign.Invariant.Violation;
import io.github.headlock.campaign.replica.HealthWatch;

/**
 * Judges what a process of a round about background migrations said, and how it ended.
 */
final class BackgroundVerdict {

	/** The background migration that the release requires is not finished. */
	static final int REFUSED = 11;

	private static final String REFUSAL = "requires the background migration";

	private static final String UNCAUGHT = "Exception in thread";

	private BackgroundVerdict() {
	}

	/**
	 * Decides whether a process did as it should have.
	 * @param process a process that has ended
	 * @param isOutage whether the server or a process was away at a moment
	 * @return what was wrong
	 */
	static List<Violation> of(ReplicaProcess process, Predicate<Instant> isOutage) {
		List<Violation> violations = new ArrayList<>();
		ReplicaLog log = process.log();
		boolean refused = process.exitCode() == REFUSED && log.contains(REFUSAL);
		if (!refused) {
			violations.addAll(ProcessVerdict.of(process, true, Blocking.NONE));
		}
		if (log.contains(UNCAUGHT)) {
			violations.add(new Violation(Invariant.EXPLAINED, process.name() + " has a thread that died"));
		}
		if (log.contains(BackgroundRelease.TOO_EARLY)) {
			violations.add(new Violation(Invariant.GATE, process.name() + " found rows that still need it"));
		}
		log.entries(process.name())
			.stream()
			.filter((entry) -> entry.what().contains(HealthWatch.CHANGED) && !isOutage.test(entry.time())
					&& !entry.what().contains(HealthWatch.CHANGED + "UP"))
			.forEach((entry) -> violations.add(new Violation(Invariant.HEALTH,
					String.format(Locale.ROOT, "%s at %s: %s", process.name(), entry.time(), entry.what()))));
		return violations;
	}

}
