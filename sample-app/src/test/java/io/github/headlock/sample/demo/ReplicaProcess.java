package io.github.headlock.sample.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.headlock.testbed.JavaCommand;
import io.github.headlock.testbed.LoggedProcess;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

import static org.awaitility.Awaitility.await;

/**
 * A replica of the sample application, in a process of its own. Stops when closed or when
 * this JVM ends.
 */
final class ReplicaProcess implements AutoCloseable {

	/** What a small container would get; the JVM starts faster for it. */
	private static final List<String> JVM = List.of("-Xmx192m", "-XX:+UseSerialGC");

	private static final Duration READY_WITHIN = Duration.ofMinutes(5);

	private static final Duration POLL = Duration.ofMillis(100);

	private static final Duration STOP_WITHIN = Duration.ofSeconds(20);

	/** Exit code of a start that must not upgrade the schema. */
	private static final int REFUSED = 11;

	private final String name;

	private final LoggedProcess process;

	private final Instant started = Instant.now();

	private final ReplicaLog log;

	private volatile Optional<Instant> refused = Optional.empty();

	private ReplicaProcess(String name, LoggedProcess process) {
		this.name = name;
		this.process = process;
		this.log = new ReplicaLog(process.log());
	}

	/**
	 * Starts a replica.
	 * @param name its name, as Kubernetes would name the pod
	 * @param jar the packaged application
	 * @param arguments its arguments, which say how to reach the database
	 * @param log where its output goes
	 * @return the process, which is far from ready
	 */
	static ReplicaProcess start(String name, Path jar, List<String> arguments, Path log) {
		return new ReplicaProcess(name,
				JavaCommand.jar(jar)
					.options(JVM)
					.arguments(List.of("--server.port=0", "--spring.main.banner-mode=off",
							"--spring.datasource.hikari.maximum-pool-size=2"))
					.arguments(arguments)
					.environment(Map.of("HOSTNAME", name))
					.start(log));
	}

	/**
	 * Waits until the startup probe says UP.
	 * @param probe asks for it
	 * @param rolloutBegan what the times of the result count from
	 * @return what the replica did, or why it is not ready
	 */
	ReplicaTimeline awaitReady(StartupProbe probe, Instant rolloutBegan) {
		try {
			StartupProbe.Start start = whileAlive()
				.until(() -> this.log.port().flatMap(probe::ask), Optional::isPresent)
				.orElseThrow();
			return new ReplicaObservation(this.name, rolloutBegan, this.started, this.refused, Instant.now(), start)
				.timeline(this.log);
		}
		catch (TerminalFailureException ex) {
			return ended();
		}
		catch (ConditionTimeoutException ex) {
			return ReplicaTimeline.failed(this.name, "not ready within %d s".formatted(READY_WITHIN.toSeconds()));
		}
	}

	/**
	 * Waits until it is plain that the schema keeps the replica from being ready: it
	 * waits for another process to migrate, or its startup probe says OUT_OF_SERVICE.
	 * @param probe asks for the latter
	 * @return whether it came to that
	 */
	boolean awaitHeldUp(StartupProbe probe) {
		try {
			whileAlive().until(() -> {
				if (this.log.port().filter(probe::isOutOfService).isPresent()) {
					this.refused = Optional.of(Instant.now());
				}
				return this.refused.isPresent() || this.log.isWatching();
			});
			return true;
		}
		catch (TerminalFailureException | ConditionTimeoutException ex) {
			return false;
		}
	}

	/**
	 * Waits until a process has ended that only migrates.
	 * @param rolloutBegan what the times of the result count from
	 * @return what it did, or why it is not done
	 */
	ReplicaTimeline awaitDone(Instant rolloutBegan) throws InterruptedException {
		if (!this.process.endsWithin(READY_WITHIN)) {
			return ReplicaTimeline.failed(this.name, "not done within %d s".formatted(READY_WITHIN.toSeconds()));
		}
		if (this.process.exitCode() != 0) {
			return ended();
		}
		if (this.log.port().isPresent()) {
			return ReplicaTimeline.failed(this.name, "it opened a port, as if it were to serve");
		}
		StartupProbe.Start start = new StartupProbe.Start("migrated", Duration.ZERO, Duration.ZERO);
		ReplicaTimeline timeline = new ReplicaObservation(this.name, rolloutBegan, this.started, Optional.empty(),
				Instant.now(), start)
			.timeline(this.log);
		return ReplicaTimeline.ready(this.name, start.outcome(), timeline.phases(),
				timeline.summary() + ", exit code 0");
	}

	/**
	 * Waits until a process has ended whose release must not upgrade the schema yet.
	 * @param rolloutBegan what the times of the result count from
	 * @return why it was refused, or that it was not
	 */
	ReplicaTimeline awaitRefused(Instant rolloutBegan) {
		try {
			whileAlive().until(() -> this.log.port().isPresent());
			return ReplicaTimeline.failed(this.name, "it was not refused");
		}
		catch (TerminalFailureException ex) {
			Optional<String> objection = this.log.objection();
			return (this.process.exitCode() == REFUSED && objection.isPresent()) ? ReplicaTimeline.refused(this.name,
					new Phase(Phase.Kind.STARTING, Duration.between(rolloutBegan, this.started),
							Duration.between(rolloutBegan, Instant.now())),
					objection.get()) : ended();
		}
		catch (ConditionTimeoutException ex) {
			return ReplicaTimeline.failed(this.name, "not refused within %d s".formatted(READY_WITHIN.toSeconds()));
		}
	}

	private ConditionFactory whileAlive() {
		return await().atMost(READY_WITHIN)
			.pollInterval(POLL)
			.pollInSameThread()
			.failFast(() -> !this.process.isAlive());
	}

	private ReplicaTimeline ended() {
		return ReplicaTimeline.failed(this.name, "the process ended with exit code " + this.process.exitCode());
	}

	String name() {
		return this.name;
	}

	Instant started() {
		return this.started;
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/** What the process ended with, empty if it has not ended. */
	Optional<Integer> exitCode() {
		return isAlive() ? Optional.empty() : Optional.of(this.process.exitCode());
	}

	ReplicaLog log() {
		return this.log;
	}

	FlywayLog flywayLog() {
		return new FlywayLog(this.process.log());
	}

	/** Asks the process to stop, without waiting for it. */
	void stop() {
		this.process.terminate();
	}

	/** Ends the process at once, whatever it does. */
	void kill() {
		this.process.kill();
	}

	@Override
	public void close() throws InterruptedException {
		stop();
		this.process.endsWithin(STOP_WITHIN);
		this.process.close();
	}

}
