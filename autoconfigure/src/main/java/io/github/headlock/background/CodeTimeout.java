package io.github.headlock.background;

import java.sql.Connection;
import java.time.Duration;

import io.github.headlock.jdbc.ConnectionAbort;
import io.github.headlock.waiting.PeriodicTask;

/**
 * Ends what the calling thread does in the code of a team when that takes too long: its
 * connection, because the server alone does not end a transaction of many short
 * statements, and then what it waits for elsewhere, if an interrupt ends that.
 */
final class CodeTimeout implements AutoCloseable {

	private final Connection connection;

	private final Thread thread = Thread.currentThread();

	private final PeriodicTask task;

	/** Whether the thread is in the code. */
	private boolean inside = true;

	private boolean interrupted;

	CodeTimeout(Connection connection, Duration longest) {
		this.connection = connection;
		this.task = new PeriodicTask("headlock-batch-timeout", longest, this::end);
	}

	private void end() {
		ConnectionAbort.run(this.connection);
		interrupt();
	}

	private synchronized void interrupt() {
		if (this.inside) {
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
