package io.github.headlock.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * Which releases run in a round about background migrations.
 */
final class BackgroundReleases {

	private final BackgroundStage stage;

	private final BackgroundReplicas replicas;

	private final BackgroundJobs jobs;

	private final Duration patience;

	private final List<Violation> violations = new ArrayList<>();

	private final List<Rollout> withoutMigration = new ArrayList<>();

	private final List<Rollout> withMigration = new ArrayList<>();

	private boolean isLaterOut;

	private int returns;

	BackgroundReleases(BackgroundStage stage, BackgroundReplicas replicas, BackgroundJobs jobs, Duration patience) {
		this.stage = stage;
		this.replicas = replicas;
		this.jobs = jobs;
		this.patience = patience;
	}

	/** Rolls the release before the migration out. */
	void startFirst() {
		this.withoutMigration
			.add(this.replicas.start("first", this.replicas.scenario().oldReplicas(), this.stage.first()));
		awaitReady(this.withoutMigration);
	}

	/** Rolls the release with the migration out, beside the one before. */
	void startSecond() {
		this.withMigration.add(this.replicas.start("second", this.replicas.scenario().replicas(), this.stage.second()));
	}

	/** Starts two replicas of a release with another text beside. */
	void startLater() {
		this.withMigration.add(this.replicas.start("later", 2, this.stage.later()));
		this.isLaterOut = true;
		awaitReady(this.withMigration);
	}

	/** Only replicas without the migration are left. */
	void rollBack() {
		this.returns++;
		this.jobs.suspend();
		this.withMigration.forEach(this.replicas::retire);
		this.withMigration.clear();
		Rollout back = this.replicas.start("back" + this.returns, 1, this.stage.first());
		this.withoutMigration.add(back);
		awaitReady(List.of(back));
	}

	/** The newest release with the migration is back. */
	void rollForward() {
		this.withMigration.add(this.replicas.start("again" + this.returns, this.replicas.scenario().replicas(),
				this.isLaterOut ? this.stage.later() : this.stage.second()));
		this.jobs.goOn();
		awaitReady(this.withMigration);
	}

	/** Ends the replicas of the release before the migration. */
	void endFirst() {
		this.withoutMigration.forEach(this.replicas::retire);
		this.withoutMigration.clear();
	}

	/** Ends the replicas of releases with the migration and without the gate. */
	void endSecond() {
		this.withMigration.forEach(this.replicas::retire);
		this.withMigration.clear();
	}

	/** Waits until all of these replicas are ready. */
	void awaitReady(List<Rollout> rollouts) {
		this.violations.addAll(Rollout.awaitReady(rollouts, this.patience));
	}

	/** Waits until those of the release with the migration are ready. */
	void awaitSecond() {
		awaitReady(this.withMigration);
	}

	/** What was wrong. */
	List<Violation> violations() {
		return this.violations;
	}

}
