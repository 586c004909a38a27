package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A process whose output goes to a file. It is killed when it is closed, or when this JVM
 * ends.
 */
public final class LoggedProcess implements AutoCloseable {

	private final Process process;

	private final ProcessLog log;

	private final Thread hook;

	private LoggedProcess(Process process, ProcessLog log) {
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

	/**
	 * Starts a process.
	 * @param command the command and its environment
	 * @param log the file for its output and its errors
	 * @return the process
	 * @throws UncheckedIOException if it cannot be started
	 */
	public static LoggedProcess start(ProcessBuilder command, Path log) {
		try {
			return new LoggedProcess(command.redirectErrorStream(true).redirectOutput(log.toFile()).start(),
					new ProcessLog(log));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the output.
	 * @return the log
	 */
	public ProcessLog log() {
		return this.log;
	}

	/**
	 * Returns whether the process has not ended.
	 * @return {@code true} also if it is suspended
	 */
	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Waits for the process to end by itself.
	 * @param time how long to wait
	 * @return whether it has ended
	 * @throws InterruptedException if this thread is interrupted
	 */
	public boolean endsWithin(Duration time) throws InterruptedException {
		return this.process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
	}

	/**
	 * Returns the exit code.
	 * @return the code
	 * @throws IllegalThreadStateException if the process has not ended
	 */
	public int exitCode() {
		return this.process.exitValue();
	}

	/**
	 * Sends SIGTERM, without waiting for the end.
	 */
	public void terminate() {
		this.process.destroy();
	}

	/**
	 * Sends SIGSTOP: the process does not run, and keeps all it has.
	 * @return whether there was a process to suspend
	 */
	public boolean suspend() {
		return signal("-STOP");
	}

	/**
	 * Sends SIGCONT: the process goes on as if nothing had happened.
	 * @return whether there was a process to resume
	 */
	public boolean resume() {
		return signal("-CONT");
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

	/**
	 * Sends SIGKILL, which ends a suspended process as well, and waits for the end.
	 */
	public void kill() {
		this.process.destroyForcibly().onExit().join();
		try {
			Runtime.getRuntime().removeShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			// the JVM is ending, and the hook runs
		}
	}

	@Override
	public void close() {
		kill();
	}

}
