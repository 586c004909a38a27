package io.github.headlock.sample.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import org.awaitility.core.ConditionTimeoutException;

import static org.awaitility.Awaitility.await;

/**
 * Watches a replica that runs without Headlock, for a limited time and without any
 * expectation.
 *
 * @param process the replica
 * @param probe asks whether it is ready
 */
record PlainReplica(ReplicaProcess process, StartupProbe probe) {

	private static final Duration POLL = Duration.ofMillis(100);

	/**
	 * Waits until the replica is ready, has ended, or the time is over.
	 * @param rolloutBegan what the times of the result count from
	 * @param limit longest wait since then
	 * @return what the replica did
	 */
	ReplicaTimeline watch(Instant rolloutBegan, Duration limit) {
		ReplicaTimeline.Ending ending = awaitEnding(rolloutBegan.plus(limit));
		Optional<Integer> exitCode = this.process.exitCode();
		return new PlainObservation(this.process.name(), rolloutBegan, this.process.started(), Instant.now(), ending)
			.timeline(this.process.flywayLog(), exitCode);
	}

	private ReplicaTimeline.Ending awaitEnding(Instant until) {
		Duration left = Duration.between(Instant.now(), until);
		try {
			await().atMost(left.compareTo(POLL) > 0 ? left : POLL.multipliedBy(2))
				.pollDelay(Duration.ZERO)
				.pollInterval(POLL)
				.pollInSameThread()
				.until(() -> isUp() || !this.process.isAlive());
			return this.process.isAlive() ? ReplicaTimeline.Ending.READY : ReplicaTimeline.Ending.FAILED;
		}
		catch (ConditionTimeoutException ex) {
			return ReplicaTimeline.Ending.NEVER_READY;
		}
	}

	private boolean isUp() {
		return this.process.log().port().filter(this.probe::isUp).isPresent();
	}

}
