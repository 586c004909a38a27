package io.github.headlock.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.github.headlock.campaign.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of a round and the thread that keeps them running.
 */
final class Rollout implements AutoCloseable {

	private static final int PERIOD = 15;

	private final List<Replica> replicas;

	private final Thread supervisor = new Thread(this::supervise, "supervisor");

	private volatile boolean over;

	private volatile @Nullable Throwable failure;

	private final long begin = System.nanoTime();

	Rollout(List<Replica> replicas) {
		this.replicas = List.copyOf(replicas);
		this.supervisor.setDaemon(true);
		this.supervisor.start();
	}

	private void supervise() {
		try {
			while (!this.over) {
				this.replicas.forEach(Replica::supervise);
				Thread.sleep(PERIOD);
			}
		}
		catch (Throwable ex) {
			this.failure = ex;
		}
	}

	long millisSinceBegin() {
		return (System.nanoTime() - this.begin) / 1_000_000;
	}

	List<Replica> replicas() {
		return this.replicas;
	}

	Optional<Replica> find(Predicate<Replica> condition) {
		return this.replicas.stream().filter(condition).findFirst();
	}

	boolean isReady() {
		if (this.failure != null) {
			throw new IllegalStateException("Nobody supervises the replicas", this.failure);
		}
		return this.replicas.stream().allMatch(Replica::isReady);
	}

	/** Waits until all replicas of rollouts are ready, and returns which are not. */
	static List<Violation> awaitReady(List<Rollout> rollouts, Duration patience) {
		if (Wait.until(patience, () -> rollouts.stream().allMatch(Rollout::isReady))) {
			return List.of();
		}
		return rollouts.stream()
			.flatMap((rollout) -> rollout.replicas().stream())
			.filter((replica) -> !replica.isReady())
			.map((replica) -> new Violation(Invariant.READY,
					String.format(Locale.ROOT, "%s is not ready after %d s", replica.name(), patience.toSeconds())))
			.toList();
	}

	/** All that were started, after the end of supervision. */
	List<ReplicaProcess> processes() {
		return this.replicas.stream().map(Replica::processes).flatMap(List::stream).toList();
	}

	/** Tells all replicas to end, and waits for that; they are not started again. */
	void retire(Duration patience) {
		stopSupervision();
		processes().forEach(ReplicaProcess::terminate);
		Wait.until(patience, () -> processes().stream().noneMatch(ReplicaProcess::isAlive));
		processes().forEach(ReplicaProcess::kill);
	}

	/** Kills all replicas, which are not started again. */
	@Override
	public void close() {
		if (this.over) {
			return;
		}
		stopSupervision();
		processes().forEach(ReplicaProcess::kill);
	}

	private void stopSupervision() {
		this.over = true;
		Wait.forEnd(this.supervisor);
	}

	/** All the replicas of two rollouts, one after the other. */
	static List<ReplicaProcess> processes(Stream<Rollout> rollouts) {
		return new ArrayList<>(rollouts.map(Rollout::processes).flatMap(List::stream).toList());
	}

}
