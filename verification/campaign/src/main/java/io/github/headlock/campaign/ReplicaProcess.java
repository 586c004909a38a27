package io.github.headlock.campaign;

import java.time.Duration;

import io.github.headlock.campaign.replica.ReplicaApplication;
import io.github.headlock.testbed.LoggedProcess;

/**
 * One process of a replica, from its start to its end. Ends when this JVM ends.
 */
final class ReplicaProcess {

	private final String name;

	private final LoggedProcess process;

	private final ReplicaLog log;

	private final long begin = System.nanoTime();

	ReplicaProcess(String name, LoggedProcess process) {
		this.name = name;
		this.process = process;
		this.log = new ReplicaLog(process.log());
	}

	String name() {
		return this.name;
	}

	ReplicaLog log() {
		return this.log;
	}

	/** Whether it was started before a moment of {@link System#nanoTime()}. */
	boolean beganBefore(long moment) {
		return this.begin - moment < 0;
	}

	Duration age() {
		return Duration.ofNanos(System.nanoTime() - this.begin);
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/** Whether the application context is started, and the process still there. */
	boolean isReady() {
		return isAlive() && this.log.contains(ReplicaApplication.READY);
	}

	/** Only after its end. */
	int exitCode() {
		return this.process.exitCode();
	}

	/** SIGKILL, which ends a stopped process as well. */
	void kill() {
		this.process.kill();
	}

	/** Sends SIGTERM. */
	void terminate() {
		this.process.terminate();
	}

	/** SIGSTOP; returns whether there was a process to stop. */
	boolean stop() {
		return this.process.suspend();
	}

	/** Sends SIGCONT. */
	void goOn() {
		this.process.resume();
	}

}
