package io.github.headlock.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.github.headlock.campaign.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * One round about a background migration: a release with it is rolled out, faults strike
 * while it is worked on, and then a release is rolled out that requires it.
 */
final class BackgroundRound {

	/** For sessions to end, and for the server to notice that a killed client is gone. */
	private static final Duration LEAVING = Duration.ofSeconds(20);

	/** Beside a pause of half a minute, which a process makes when it is not its turn. */
	private static final Duration POLLING = Duration.ofSeconds(35);

	/** A start may take its time, for what it finds was slowed down by barriers. */
	private static final String FINALIZE_WITHIN = "--headlock.background.finalize-within=";

	private final TestBench lab;

	private final long seed;

	private final Duration patience;

	private final Path folder;

	private final BackgroundPlan plan;

	private final Timeline timeline = new Timeline();

	private final List<Violation> violations = new ArrayList<>();

	private @Nullable BackgroundReplicas replicas;

	private @Nullable BackgroundFaults faults;

	/**
	 * Draws a round.
	 * @param lab where
	 * @param seed decides what happens
	 * @param patience how long after the last fault replicas may take to be ready
	 */
	BackgroundRound(TestBench lab, long seed, Duration patience) {
		this.lab = lab;
		this.seed = seed;
		this.patience = patience;
		this.folder = lab.folder().resolve("background-" + seed);
		this.plan = BackgroundPlan.of(seed);
	}

	/**
	 * Runs it. A round that cannot be brought to its end says so, and fails in no case.
	 */
	RoundResult run() {
		Throwable failure = null;
		try {
			play();
			judge();
		}
		catch (Throwable ex) {
			failure = ex;
			this.timeline.note("NOT BROUGHT TO ITS END: %s", ex);
		}
		return result(failure);
	}

	private void play() throws IOException, SQLException {
		Files.createDirectories(this.folder);
		String name = String.format(Locale.ROOT, "background_%d", this.seed);
		try (BackgroundStage stage = BackgroundStage.set(this.lab.server(), this.plan, name, this.folder,
				this.timeline);
				BackgroundReplicas replicas = new BackgroundReplicas(this.lab.command(), this.plan.scenario(),
						stage.database(), stage.access().url(), this.folder.resolve("logs"), this.timeline,
						this.plan.random())) {
			this.replicas = replicas;
			BackgroundReleases releases = new BackgroundReleases(stage, replicas, this.patience);
			BackgroundInjector injector = new BackgroundInjector(stage, replicas, releases, this.patience);
			BackgroundFaults faults = new BackgroundFaults(stage, injector,
					Duration.ofMillis(this.plan.scenario().batchTimeout()));
			this.faults = faults;
			play(stage, replicas, releases, faults);
			this.violations.addAll(releases.violations());
			this.violations.addAll(injector.violations());
			this.violations.addAll(faults.violations());
			this.violations.addAll(stage.monitor().violations());
		}
	}

	private void play(BackgroundStage stage, BackgroundReplicas replicas, BackgroundReleases releases,
			BackgroundFaults faults) throws SQLException {
		releases.startFirst();
		releases.startSecond();
		if (!Wait.until(this.patience, () -> !stage.progress().state().isEmpty())) {
			throw new IllegalStateException("Nobody registers the background migration");
		}
		stage.traffic().expectColumn();
		faults.strike(this.plan.faults());
		releases.awaitSecond();
		if (this.plan.scenario().early()) {
			this.violations.addAll(new EarlyStart(stage, replicas, this.patience).of(this.plan.random().nextBoolean()));
		}
		stage.traffic().writeOldForm(false);
		releases.endFirst();
		prepareEnding(stage, releases);
		this.timeline.note("before the last release: %s", stage.progress().describe());
		rollOutLast(stage, replicas, releases, faults);
		inspect(stage);
	}

	private void prepareEnding(BackgroundStage stage, BackgroundReleases releases) throws SQLException {
		switch (this.plan.scenario().ending()) {
			case FINISHED -> awaitFinished(stage);
			case AT_WORK -> stage.writeOldRows();
			case LEFT -> {
				releases.endSecond();
				stage.writeOldRows();
			}
			case REOPENED -> {
				awaitFinished(stage);
				releases.endSecond();
				stage.writeOldRows();
			}
		}
	}

	private void awaitFinished(BackgroundStage stage) {
		Duration longest = this.patience.plus(POLLING);
		if (!Wait.until(longest, () -> {
			Wait.pause(50);
			return stage.progress().isFinished();
		})) {
			this.violations.add(new Violation(Invariant.FINISHED,
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
		Rollout last = replicas.start("last", 2, stage.last(), FINALIZE_WITHIN + "10m");
		for (int i = 0; i < atStart.size(); i++) {
			faults.strikeStart(atStart.get(i), barriers.get(i), last::isReady);
		}
		releases.awaitReady(List.of(last));
		releases.endSecond();
		this.timeline.note("after the last release: %s", stage.progress().describe());
	}

	private void inspect(BackgroundStage stage) throws SQLException {
		stage.traffic().close();
		Set<String> versions = new TreeSet<>(Set.of("1", "2", BackgroundRelease.GATED));
		if (this.plan.hasLaterRelease()) {
			versions.add(BackgroundRelease.LATER);
		}
		this.timeline.note("what is left is inspected");
		this.violations.addAll(BackgroundInspection.of(stage, versions, LEAVING));
	}

	/** After the end of all processes. */
	private void judge() {
		BackgroundFaults faults = this.faults;
		if (faults != null) {
			processes().forEach((process) -> this.violations.addAll(BackgroundVerdict.of(process, faults::isOutage)));
		}
	}

	private List<ReplicaProcess> processes() {
		return (this.replicas != null) ? this.replicas.processes() : List.of();
	}

	private RoundResult result(@Nullable Throwable failure) {
		boolean good = this.violations.isEmpty() && failure == null;
		String story = this.timeline.tell(processes());
		try {
			Files.writeString(this.folder.resolve("story.txt"), story);
		}
		catch (IOException ex) {
			this.timeline.note("the story cannot be kept: %s", ex);
		}
		BackgroundFaults faults = this.faults;
		return new RoundResult(this.seed, this.plan.summary(), (faults != null) ? faults.struck() : Map.of(),
				(faults != null) ? faults.missed() : Map.of(), processes().size(), List.copyOf(this.violations),
				this.timeline.elapsed(), good ? "" : story, failure, null);
	}

	@Override
	public String toString() {
		return this.plan.toString();
	}

}
