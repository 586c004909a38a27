package io.github.headlock.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.github.headlock.campaign.Invariant.Violation;

/**
 * The Jobs of a round that finish its background migration, beside the replicas.
 */
final class BackgroundJobs implements AutoCloseable {

	private static final Duration LEAVING = Duration.ofSeconds(15);

	private static final List<String> ARGUMENTS = List.of("--headlock.exit-after-migration=true",
			"--headlock.background.finish=true");

	private final BackgroundStage stage;

	private final BackgroundReplicas replicas;

	private final List<FinishJob> jobs = new CopyOnWriteArrayList<>();

	BackgroundJobs(BackgroundStage stage, BackgroundReplicas replicas) {
		this.stage = stage;
		this.replicas = replicas;
	}

	/** Starts those of the release with the migration that the plan has. */
	void startPlanned() {
		BackgroundExtras extras = this.stage.plan().extras();
		for (int i = 0; i < extras.jobs(); i++) {
			start("job-" + i, this.stage.second(), laterThanSecond(), extras.finishTimeout());
		}
	}

	/** Starts one of each release, after the faults; they must succeed. */
	void startAfterwards() {
		if (this.stage.plan().extras().jobs() > 0) {
			start("job-second", this.stage.second(), laterThanSecond(), 0);
			start("job-last", this.stage.last(), List.of(), 0);
		}
	}

	private static List<String> laterThanSecond() {
		return List.of(BackgroundRelease.LATER, BackgroundRelease.GATED);
	}

	private void start(String name, BackgroundRelease release, List<String> laterVersions, int timeout) {
		List<String> arguments = new ArrayList<>(ARGUMENTS);
		if (timeout > 0) {
			arguments.add(String.format(Locale.ROOT, "--headlock.background.finish-timeout=%ds", timeout));
		}
		this.jobs.add(new FinishJob(name, this.stage, laterVersions,
				(number) -> this.replicas.attemptJob(name, number, release, arguments.toArray(String[]::new))));
	}

	/** Does something to a process of any; returns whether there is one. */
	boolean strikeAny(Consumer<ReplicaProcess> how) {
		return this.jobs.stream().anyMatch((job) -> job.strike(how));
	}

	/** None works until they may go on. */
	void suspend() {
		this.jobs.forEach((job) -> job.suspend(LEAVING));
	}

	void goOn() {
		this.jobs.forEach(FinishJob::goOn);
	}

	/** Waits until all have succeeded, and returns which have not. */
	List<Violation> awaitSuccess(Duration patience) {
		if (Wait.until(patience, () -> this.jobs.stream().allMatch(FinishJob::hasSucceeded))) {
			return List.of();
		}
		return this.jobs.stream()
			.filter((job) -> !job.hasSucceeded())
			.map((job) -> new Violation(Invariant.JOB,
					String.format(Locale.ROOT, "%s has not succeeded after %d s: %s", job.name(), patience.toSeconds(),
							this.stage.progress().describe())))
			.toList();
	}

	/** What was wrong with those that have succeeded. */
	List<Violation> violations() {
		return this.jobs.stream().flatMap((job) -> job.violations().stream()).toList();
	}

	/** Ends them for good, and forgets those that have not succeeded. */
	void abandon() {
		close();
		this.jobs.removeIf((job) -> !job.hasSucceeded());
	}

	/** Kills all. */
	@Override
	public void close() {
		this.jobs.forEach(FinishJob::close);
	}

}
