package io.github.headlock.sample.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Asks what became of a background migration whether all went as promised.
 *
 * @param outcome what happened
 */
record BackgroundChecks(BackgroundOutcome outcome) {

	List<Check> run() {
		List<ReplicaTimeline> replicas = this.outcome.rollout().replicas();
		List<ReplicaTimeline> pods = replicas.subList(0, this.outcome.pods());
		long ready = pods.stream().filter(ReplicaTimeline::isReady).count();
		List<Check> checks = new ArrayList<>();
		checks.add(new Check("fourth rollout: every pod is ready", ready == pods.size(),
				"%d of %d".formatted(ready, pods.size())));
		if (replicas.size() > pods.size()) {
			checks.addAll(checkNextRelease(replicas.get(pods.size()), replicas.get(pods.size() + 1)));
			checks.add(changedOnce());
			checks.add(new Check("fourth rollout: every request is answered", isServed(),
					this.outcome.answers().toString()));
			checks.add(Check.equal("fourth rollout: advisory locks while the pods run", 0,
					this.outcome.rollout().locksLeft()));
		}
		return checks;
	}

	private List<Check> checkNextRelease(ReplicaTimeline early, ReplicaTimeline accepted) {
		return List.of(
				new Check("fourth rollout: the next release is refused while the column is being filled",
						early.ending() == ReplicaTimeline.Ending.REFUSED, early.summary()),
				Check.equal("fourth rollout: the refusal changes nothing", this.outcome.before(),
						this.outcome.afterRefusal()),
				new Check("fourth rollout: the same release is accepted when the column is filled",
						accepted.hasOutcome("migrated"), accepted.summary()),
				Check.equal("fourth rollout: from then on every parcel must have a tariff",
						this.outcome.before().next(), this.outcome.end()));
	}

	private Check changedOnce() {
		return this.outcome.rollout()
			.background()
			.map(BackgroundProgress::last)
			.map((last) -> new Check("fourth rollout: every imported parcel was changed once, and no other",
					last.finished() && last.changed() == BackgroundRollout.PARCELS,
					"%d of %d, %s".formatted(last.changed(), BackgroundRollout.PARCELS,
							last.finished() ? "finished" : "not finished")))
			.orElseGet(() -> new Check("fourth rollout: there is a background migration", false, "none"));
	}

	private boolean isServed() {
		return this.outcome.answers().answered() > 0 && this.outcome.answers().failed() == 0;
	}

}
