package io.github.headlock.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

import io.github.headlock.campaign.replica.ReplicaApplication;

/**
 * One process of a replica, from its start to its end. Ends when this JVM ends.
 */
final class ReplicaProcess {

	private final String name;

	private final Process process;

	private final ReplicaLog log;

	private final Thread hook;

	private final long begin = System.nanoTime();

	ReplicaProcess(String name, Process process, ReplicaLog log) {
		this.name = name;
		this.process = process;
		this.log = log;
		this.hook = new Thread(process::destroyForcibly);
		try {
			Runtime.getRuntime().addShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			// the JVM is ending already
			process.destroyForcibly();
			throw ex;
		}
	}

	String name() {
		return this.name;
	}

	ReplicaLog log() {
		return this.log;
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
		return this.process.exitValue();
	}

	/** SIGKILL, which ends a stopped process as well. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
		try {
			Runtime.getRuntime().removeShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			// the JVM is ending, and the hook runs
		}
	}

	/** SIGTERM. */
	void terminate() {
		this.process.destroy();
	}

	/** SIGSTOP; returns whether there was a process to stop. */
	boolean stop() {
		return signal("-STOP");
	}

	/** SIGCONT. */
	void goOn() {
		signal("-CONT");
	}

	private boolean signal(String signal) {
		try {
			return new ProcessBuilder("kill", signal, String.valueOf(this.process.pid())).start().waitFor() == 0;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
