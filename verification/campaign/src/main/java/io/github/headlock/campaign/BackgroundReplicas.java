package io.github.headlock.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.github.headlock.campaign.replica.ReplicaApplication;
import io.github.headlock.campaign.replica.ReplicaBeans;

/**
 * The replicas of a round about background migrations, of all its releases.
 */
final class BackgroundReplicas implements AutoCloseable {

	/** A process that is told to end gives up its batch after a few seconds. */
	private static final Duration LEAVING = Duration.ofSeconds(15);

	private static final int START_WITHIN = 300;

	private final ReplicaCommand command;

	private final BackgroundScenario scenario;

	private final List<String> arguments;

	private final Path logs;

	private final Timeline timeline;

	private final SplittableRandom random;

	private final List<Rollout> rollouts = new ArrayList<>();

	private final List<ReplicaProcess> attempts = new CopyOnWriteArrayList<>();

	private final List<ReplicaProcess> jobs = new CopyOnWriteArrayList<>();

	BackgroundReplicas(ReplicaCommand command, BackgroundScenario scenario, RoundDatabase database, String url,
			Path logs, Timeline timeline, SplittableRandom random) {
		this.command = command;
		this.scenario = scenario;
		this.logs = logs;
		this.timeline = timeline;
		this.random = random;
		this.arguments = new ArrayList<>(database.arguments(url));
		this.arguments.addAll(List.of("--headlock.lock.poll-interval=100ms", "--" + ReplicaApplication.HEALTH + "=true",
				"--headlock.background.workers=" + scenario.workers(),
				"--headlock.background.load=" + scenario.loadPercent() / 100.0,
				"--headlock.background.batch-timeout=" + scenario.batchTimeout() + "ms",
				"--headlock.background.target-duration=" + scenario.targetDuration() + "ms",
				"--" + ReplicaBeans.HOLD + "=" + hold()));
		try {
			Files.createDirectories(logs);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The file that lets the throttles of all hold. */
	Path hold() {
		return this.logs.resolve("hold");
	}

	/**
	 * Starts replicas of a release, which are started again when they end.
	 * @param name what the names of the replicas begin with
	 */
	Rollout start(String name, int number, BackgroundRelease release, String... more) {
		this.timeline.note("release \"%s\" is rolled out", name);
		List<Replica> replicas = new ArrayList<>();
		for (int i = 0; i < number; i++) {
			replicas.add(new Replica(name + "-" + i, true, arguments(release, more), this.command, this.logs,
					this.timeline, Duration.ofMillis(this.random.nextInt(START_WITHIN))));
		}
		Rollout rollout = new Rollout(replicas);
		this.rollouts.add(rollout);
		return rollout;
	}

	/** Starts one process, once. */
	ReplicaProcess attempt(String name, BackgroundRelease release, String... more) {
		this.timeline.note("%s is started", name);
		ReplicaProcess process = this.command.start(name, this.logs.resolve(String.format(Locale.ROOT, "%s.log", name)),
				arguments(release, more));
		this.attempts.add(process);
		return process;
	}

	/** Starts a process of a Job, once. */
	ReplicaProcess attemptJob(String name, int number, BackgroundRelease release, String... more) {
		this.timeline.note("%s is started%s", name, (number > 1) ? " again" : "");
		ReplicaProcess process = this.command.start(name,
				this.logs.resolve(String.format(Locale.ROOT, "%s.%d.log", name, number)), arguments(release, more));
		this.jobs.add(process);
		return process;
	}

	private List<String> arguments(BackgroundRelease release, String... more) {
		List<String> all = new ArrayList<>(this.arguments);
		all.addAll(release.arguments());
		all.addAll(List.of(more));
		return all;
	}

	/** Tells the replicas of a rollout to end. */
	void retire(Rollout rollout) {
		this.timeline.note("%s are told to end", rollout.replicas().stream().map(Replica::name).toList());
		rollout.retire(LEAVING);
	}

	/** The process of this name that runs. */
	Optional<ReplicaProcess> find(String name) {
		Stream<ReplicaProcess> serving = this.rollouts.stream()
			.flatMap((rollout) -> rollout.replicas().stream())
			.flatMap((replica) -> Stream.ofNullable(replica.process()));
		return Stream.concat(serving, this.jobs.stream())
			.filter((process) -> process.name().equals(name) && process.isAlive())
			.findFirst();
	}

	BackgroundScenario scenario() {
		return this.scenario;
	}

	/** All that were started but for those of Jobs, after the end. */
	List<ReplicaProcess> processes() {
		List<ReplicaProcess> all = Rollout.processes(this.rollouts.stream());
		all.addAll(this.attempts);
		return all;
	}

	/** Those of Jobs, after the end. */
	List<ReplicaProcess> jobProcesses() {
		return this.jobs;
	}

	/** Kills all. */
	@Override
	public void close() {
		this.rollouts.forEach(Rollout::close);
		this.attempts.forEach(ReplicaProcess::kill);
		this.jobs.forEach(ReplicaProcess::kill);
	}

}
