package io.github.headlock.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * A replica that is started again when its process ends, after a pause that grows, as
 * Kubernetes does with a pod. To be supervised by one thread.
 */
final class Replica {

	private static final int MOST_STARTS = 20;

	private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	private final String name;

	private final boolean headlock;

	private final List<String> arguments;

	private final ReplicaCommand command;

	private final Path logs;

	private final Timeline timeline;

	private final List<ReplicaProcess> processes = new CopyOnWriteArrayList<>();

	private volatile @Nullable ReplicaProcess process;

	private long startAt;

	private boolean endSeen = true;

	Replica(String name, boolean headlock, List<String> arguments, ReplicaCommand command, Path logs, Timeline timeline,
			Duration delay) {
		this.name = name;
		this.headlock = headlock;
		this.arguments = arguments;
		this.command = command;
		this.logs = logs;
		this.timeline = timeline;
		this.startAt = System.nanoTime() + delay.toNanos();
	}

	/** Starts the process if it is time for that. */
	void supervise() {
		ReplicaProcess last = this.process;
		if (last != null && last.isAlive()) {
			return;
		}
		if (last != null && !this.endSeen) {
			this.endSeen = true;
			this.timeline.note("%s has ended with exit code %d", this.name, last.exitCode());
			Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(this.processes.size() - 1, 10));
			this.startAt = System.nanoTime() + Math.min(pause.toNanos(), LONGEST_PAUSE.toNanos());
		}
		if (System.nanoTime() - this.startAt >= 0 && this.processes.size() < MOST_STARTS) {
			start();
		}
	}

	private void start() {
		Path file = this.logs.resolve(String.format(Locale.ROOT, "%s.%d.log", this.name, this.processes.size() + 1));
		ReplicaProcess started = this.command.start(this.name, file, this.arguments);
		this.processes.add(started);
		this.process = started;
		this.endSeen = false;
		this.timeline.note("%s is started%s", this.name, (this.processes.size() > 1) ? " again" : "");
	}

	String name() {
		return this.name;
	}

	/** Whether Headlock migrates in it, and not Flyway alone. */
	boolean hasHeadlock() {
		return this.headlock;
	}

	/** The process that runs or ran last, if it was started yet. */
	@Nullable ReplicaProcess process() {
		return this.process;
	}

	/** All its processes, for the time when nobody supervises it any more. */
	List<ReplicaProcess> processes() {
		return this.processes;
	}

	boolean isReady() {
		ReplicaProcess current = this.process;
		return current != null && current.isReady();
	}

	/** Whether the process that runs was started so long ago. */
	boolean isOlderThan(Duration age) {
		ReplicaProcess current = this.process;
		return current != null && current.isAlive() && current.age().compareTo(age) >= 0;
	}

	/** Whether any of its processes said this. */
	boolean hasLogged(String text) {
		return this.processes.stream().anyMatch((one) -> one.log().contains(text));
	}

	/** Whether the process that runs now said this. */
	boolean logContains(String text) {
		ReplicaProcess current = this.process;
		return current != null && current.isAlive() && current.log().contains(text);
	}

}
