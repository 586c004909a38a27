package io.github.headlock.campaign;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import io.github.headlock.campaign.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * One round about a background migration: a release with it is rolled out, faults strike
 * while it is worked on, and then a release is rolled out that requires it.
 */
final class BackgroundRound extends CampaignRound {

	/** Beside a pause of half a minute, which a process makes when it is not its turn. */
	private static final Duration POLLING = Duration.ofSeconds(35);

	/** How long a start too early may try to finish the migration, if it may at all. */
	private static final Duration EARLY_WITHIN = Duration.ofSeconds(3);

	/** A start may take its time, for what it finds was slowed down by barriers. */
	private static final String LAST_WITHIN = EarlyStart.FINALIZE_WITHIN + "10m";

	private final BackgroundPlan plan;

	private @Nullable BackgroundReplicas replicas;

	private @Nullable BackgroundFaults faults;

	/**
	 * Draws a round.
	 * @param lab where
	 * @param seed decides what happens
	 * @param patience how long after the last fault replicas may take to be ready
	 */
	BackgroundRound(TestBench lab, long seed, Duration patience) {
		super(lab, seed, patience, "background-");
		this.plan = BackgroundPlan.of(seed);
	}

	@Override
	void play() throws IOException, SQLException {
		String name = String.format(Locale.ROOT, "background_%d", seed());
		try (BackgroundStage stage = BackgroundStage.set(lab().server(), this.plan, name, folder(), timeline());
				BackgroundReplicas replicas = new BackgroundReplicas(lab().command(), this.plan.scenario(),
						stage.database(), stage.access().url(), folder().resolve("logs"), timeline(),
						this.plan.random());
				BackgroundJobs jobs = new BackgroundJobs(stage, replicas)) {
			this.replicas = replicas;
			BackgroundReleases releases = new BackgroundReleases(stage, replicas, jobs, patience());
			BackgroundInjector injector = new BackgroundInjector(stage, replicas, releases, patience());
			BackgroundFaults faults = new BackgroundFaults(stage, injector, tally());
			this.faults = faults;
			begin(stage, releases);
			jobs.startPlanned();
			try (BackgroundDisturbances disturbances = new BackgroundDisturbances(stage, jobs, replicas.hold(),
					tally())) {
				disturbances.begin();
				play(stage, replicas, releases, jobs, faults);
			}
			end(stage, jobs);
			addAll(releases.violations());
			addAll(injector.violations());
			addAll(faults.violations());
			addAll(jobs.violations());
			addAll(stage.monitor().violations());
		}
	}

	private void begin(BackgroundStage stage, BackgroundReleases releases) {
		releases.startFirst();
		releases.startSecond();
		if (!Wait.until(patience(), () -> !stage.progress().state().isEmpty())) {
			throw new IllegalStateException("Nobody registers the background migration");
		}
		stage.traffic().expectColumn();
	}

	private void play(BackgroundStage stage, BackgroundReplicas replicas, BackgroundReleases releases,
			BackgroundJobs jobs, BackgroundFaults faults) throws SQLException {
		faults.strike(this.plan.faults());
		releases.awaitSecond();
		if (this.plan.scenario().early()) {
			Duration within = this.plan.random().nextBoolean() ? EARLY_WITHIN : Duration.ZERO;
			addAll(new EarlyStart(stage, replicas, patience()).of("early", within));
		}
		stage.traffic().writeOldForm(false);
		releases.endFirst();
		prepareEnding(stage, releases, jobs);
		timeline().note("before the last release: %s", stage.progress().describe());
		rollOutLast(stage, replicas, releases, faults);
	}

	/** When nothing strikes any more. */
	private void end(BackgroundStage stage, BackgroundJobs jobs) throws SQLException {
		jobs.startAfterwards();
		addAll(jobs.awaitSuccess(patience()));
		awaitFinished(stage);
		inspect(stage);
	}

	private void prepareEnding(BackgroundStage stage, BackgroundReleases releases, BackgroundJobs jobs)
			throws SQLException {
		switch (this.plan.scenario().ending()) {
			case FINISHED -> awaitFinished(stage, jobs);
			case AT_WORK -> stage.writeOldRows();
			case LEFT -> {
				jobs.abandon();
				releases.endSecond();
				stage.writeOldRows();
			}
			case REOPENED -> {
				awaitFinished(stage, jobs);
				releases.endSecond();
				stage.writeOldRows();
			}
		}
	}

	private void awaitFinished(BackgroundStage stage, BackgroundJobs jobs) {
		awaitFinished(stage);
		addAll(jobs.awaitSuccess(patience()));
	}

	private void awaitFinished(BackgroundStage stage) {
		Duration longest = patience().plus(POLLING).plus(this.plan.extras().delaysFor());
		if (!Wait.until(longest, () -> {
			Wait.pause(50);
			return stage.progress().isFinished();
		})) {
			add(new Violation(Invariant.FINISHED,
					String.format(Locale.ROOT, "after %d s: %s", longest.toSeconds(), stage.progress().describe())));
		}
	}

	private void rollOutLast(BackgroundStage stage, BackgroundReplicas replicas, BackgroundReleases releases,
			BackgroundFaults faults) throws SQLException {
		List<BackgroundFault> atStart = this.plan.atStart();
		List<BatchBarrier> barriers = new ArrayList<>();
		for (BackgroundFault fault : atStart) {
			barriers.add(BatchBarrier.hold(fault.step(), stage.database()));
		}
		Rollout last = replicas.start("last", 2, stage.last(), LAST_WITHIN);
		for (int i = 0; i < atStart.size(); i++) {
			faults.strikeStart(atStart.get(i), barriers.get(i), last::isReady);
		}
		releases.awaitReady(List.of(last));
		releases.endSecond();
		timeline().note("after the last release: %s", stage.progress().describe());
	}

	private void inspect(BackgroundStage stage) throws SQLException {
		stage.traffic().close();
		Set<String> versions = new TreeSet<>(Set.of("1", "2", BackgroundRelease.GATED));
		if (this.plan.hasLaterRelease()) {
			versions.add(BackgroundRelease.LATER);
		}
		timeline().note("what is left is inspected");
		addAll(BackgroundInspection.of(stage, versions, LEAVING));
	}

	@Override
	void judge() {
		BackgroundFaults faults = this.faults;
		BackgroundReplicas replicas = this.replicas;
		if (faults != null && replicas != null) {
			replicas.processes().forEach((process) -> addAll(BackgroundVerdict.of(process, faults::isOutage)));
			replicas.jobProcesses().forEach((process) -> addAll(JobVerdict.of(process, this.plan)));
		}
	}

	@Override
	List<ReplicaProcess> processes() {
		List<ReplicaProcess> all = new ArrayList<>();
		if (this.replicas != null) {
			all.addAll(this.replicas.processes());
			all.addAll(this.replicas.jobProcesses());
		}
		return all;
	}

	@Override
	RoundSummary summary() {
		return this.plan.summary();
	}

}
