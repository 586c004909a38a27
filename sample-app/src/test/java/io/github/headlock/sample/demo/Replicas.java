package io.github.headlock.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * The processes of one rollout. Tells how each got on, and stops those that run when
 * closed.
 */
final class Replicas implements AutoCloseable {

	private static final int TAIL = 40;

	private final Path jar;

	private final Path logs;

	private final PrintStream out;

	private final Instant began = Instant.now();

	private final List<ReplicaProcess> processes = new ArrayList<>();

	/**
	 * Prepares a rollout.
	 * @param jar the packaged application
	 * @param logs folder for the logs of this rollout
	 * @param out where progress goes
	 * @throws IOException if the folder cannot be made
	 */
	Replicas(Path jar, Path logs, PrintStream out) throws IOException {
		this.jar = jar;
		this.logs = Files.createDirectories(logs);
		this.out = out;
	}

	/** What the times of all timelines count from. */
	Instant began() {
		return this.began;
	}

	ReplicaProcess start(String name, List<String> arguments) {
		ReplicaProcess process = ReplicaProcess.start(name, this.jar, arguments, this.logs.resolve(name + ".log"));
		this.processes.add(process);
		return process;
	}

	/** Waits for all of them at once. */
	static <T> List<T> await(List<ReplicaProcess> processes, Function<ReplicaProcess, T> what)
			throws InterruptedException {
		ExecutorService executor = Executors.newFixedThreadPool(processes.size());
		try {
			List<Future<T>> futures = processes.stream()
				.map((process) -> executor.submit((Callable<T>) () -> what.apply(process)))
				.toList();
			List<T> results = new ArrayList<>();
			for (Future<T> future : futures) {
				results.add(future.get());
			}
			return results;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
		finally {
			executor.shutdownNow();
		}
	}

	List<ReplicaTimeline> awaitReady(List<ReplicaProcess> processes, StartupProbe probe) throws InterruptedException {
		return await(processes, (process) -> tell(process, process.awaitReady(probe, this.began)));
	}

	ReplicaTimeline awaitDone(ReplicaProcess process) throws InterruptedException {
		return tell(process, process.awaitDone(this.began));
	}

	/** Waits for a release that is to be refused, and tells what its user reads. */
	ReplicaTimeline awaitRefused(ReplicaProcess process) {
		ReplicaTimeline timeline = process.awaitRefused(this.began);
		if (timeline.isBad()) {
			return tell(process, timeline);
		}
		synchronized (this.out) {
			this.out.printf("  %-10s after %s: %s%n", timeline.name(), Seconds.of(timeline.end()), timeline.summary());
			process.log().explanation().forEach((line) -> this.out.println("    " + line));
		}
		return timeline;
	}

	/** Waits, up to a limit, for replicas that run without Headlock. */
	List<ReplicaTimeline> watch(List<ReplicaProcess> processes, StartupProbe probe, Duration limit)
			throws InterruptedException {
		return await(processes, (process) -> {
			ReplicaTimeline timeline = new PlainReplica(process, probe).watch(this.began, limit);
			synchronized (this.out) {
				this.out.printf("  %-10s after %s: %s%n", timeline.name(), Seconds.of(timeline.end()),
						timeline.summary());
			}
			return timeline;
		});
	}

	private ReplicaTimeline tell(ReplicaProcess process, ReplicaTimeline timeline) {
		synchronized (this.out) {
			if (timeline.isReady()) {
				this.out.printf("  %-10s ready after %s (%s)%n", timeline.name(), Seconds.of(timeline.end()),
						timeline.summary());
			}
			else {
				this.out.printf("  %-10s %s; the end of %s:%n", timeline.name(), timeline.summary(), process.log());
				process.log().tail(TAIL).forEach((line) -> this.out.println("    " + line));
			}
		}
		return timeline;
	}

	@Override
	public void close() throws InterruptedException {
		this.processes.forEach(ReplicaProcess::stop);
		for (ReplicaProcess process : this.processes) {
			process.close();
		}
	}

}
