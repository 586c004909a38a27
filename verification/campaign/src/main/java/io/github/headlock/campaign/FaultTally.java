package io.github.headlock.campaign;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the faults of a round. Thread-safe until the round is over.
 */
final class FaultTally {

	private final Map<ReportedFault, Integer> struck = new HashMap<>();

	private final Map<MissReason, Integer> missed = new EnumMap<>(MissReason.class);

	private final Timeline timeline;

	/**
	 * Begins with none.
	 * @param timeline notes faults that do not strike
	 */
	FaultTally(Timeline timeline) {
		this.timeline = timeline;
	}

	/** A fault of this kind has found its moment. */
	synchronized void hit(ReportedFault kind) {
		this.struck.merge(kind, 1, Integer::sum);
	}

	/** A fault has not. */
	synchronized void miss(Object fault, MissReason reason) {
		this.missed.merge(reason, 1, Integer::sum);
		this.timeline.note("missed: %s, because %s", fault, reason);
	}

	/** How many of each kind struck. */
	Map<ReportedFault, Integer> struck() {
		return this.struck;
	}

	/** How many did not, and why. */
	Map<MissReason, Integer> missed() {
		return this.missed;
	}

}
