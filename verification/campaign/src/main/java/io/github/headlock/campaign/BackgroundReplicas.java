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

import io.github.headlock.campaign.replica.ReplicaApplication;

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

	private final List<ReplicaProcess> attempts = new ArrayList<>();

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
				"--headlock.background.target-duration=" + scenario.targetDuration() + "ms"));
		try {
			Files.createDirectories(logs);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
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

	/** The replica of this name. */
	Optional<Replica> find(String name) {
		return this.rollouts.stream()
			.flatMap((rollout) -> rollout.replicas().stream())
			.filter((replica) -> replica.name().equals(name))
			.findFirst();
	}

	BackgroundScenario scenario() {
		return this.scenario;
	}

	/** All that were started, after the end. */
	List<ReplicaProcess> processes() {
		List<ReplicaProcess> all = Rollout.processes(this.rollouts.stream());
		all.addAll(this.attempts);
		return all;
	}

	/** Kills all. */
	@Override
	public void close() {
		this.rollouts.forEach(Rollout::close);
		this.attempts.forEach(ReplicaProcess::kill);
	}

}
