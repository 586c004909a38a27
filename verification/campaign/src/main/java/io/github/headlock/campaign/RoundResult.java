package io.github.headlock.campaign;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.headlock.campaign.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * What a round was and what came out.
 *
 * @param seed the seed that draws it again
 * @param plan what was rolled out, and the faults that were planned
 * @param struck how many faults of each kind found their moment
 * @param missed how many did not, and why
 * @param starts processes that were started
 * @param violations what was wrong in the end
 * @param took how long it took
 * @param story the timeline, of a round that was not good
 * @param unfinished why the round was not brought to its end, {@code null} if it was
 * @param failover what a failover did, {@code null} if there was none
 */
record RoundResult(long seed, RoundSummary plan, Map<? extends ReportedFault, Integer> struck,
		Map<MissReason, Integer> missed, int starts, List<Violation> violations, Duration took, String story,
		@Nullable Throwable unfinished, @Nullable FailoverOutcome failover) {

	/** Whether it was brought to its end, and violated nothing. */
	boolean isGood() {
		return this.violations.isEmpty() && isFinished();
	}

	int struckFaults() {
		return this.struck.values().stream().mapToInt(Integer::intValue).sum();
	}

	int missedFaults() {
		return this.missed.values().stream().mapToInt(Integer::intValue).sum();
	}

	boolean isFinished() {
		return this.unfinished == null;
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "seed %d  %-4s %5.1f s  %2d starts  %s%s", this.seed,
				isGood() ? "ok" : isFinished() ? "BAD" : "LOST", this.took.toMillis() / 1000.0, this.starts,
				this.plan.text(), (missedFaults() > 0) ? " (missed " + missedFaults() + ")" : "");
	}

}
