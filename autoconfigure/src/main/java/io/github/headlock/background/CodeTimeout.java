package io.github.headlock.background;

import java.time.Duration;

import io.github.headlock.waiting.PeriodicTask;

/**
 * Interrupts the calling thread when it is in the code of a team for too long, again and
 * again until it is not. To be closed by that thread.
 */
final class CodeTimeout implements AutoCloseable {

	private final Runnable before;

	private final Thread thread = Thread.currentThread();

	private final PeriodicTask task;

	/** Whether the thread is in the code. */
	private boolean inside = true;

	private boolean interrupted;

	/**
	 * Begins.
	 * @param name name of the thread that interrupts
	 * @param longest how long the code may take
	 * @param before what to do right before each interrupt
	 */
	CodeTimeout(String name, Duration longest, Runnable before) {
		this.before = before;
		this.task = new PeriodicTask(name, longest, this::end);
	}

	/** The thread leaves the code for good before this begins, or after it is done. */
	private synchronized void end() {
		if (this.inside) {
			this.before.run();
			this.interrupted = true;
			this.thread.interrupt();
		}
	}

	/** Whether the thread was interrupted, which was for the code alone. */
	synchronized boolean hasInterrupted() {
		return this.interrupted;
	}

	/** The thread keeps no interrupt that was for the code. */
	@Override
	@SuppressWarnings("ResultOfMethodCallIgnored")
	public synchronized void close() {
		this.task.close();
		this.inside = false;
		if (this.interrupted) {
			Thread.interrupted();
		}
	}

}
