package io.github.headlock.benchmark;

import java.sql.Connection;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/**
 * Does something on a thread and a connection of its own until closed.
 */
abstract class ConnectionThread implements AutoCloseable {

	private final Connection connection;

	private final Thread thread;

	private volatile boolean closed;

	private volatile @Nullable SQLException failure;

	/**
	 * Prepares the thread.
	 * @param name its name
	 * @param connection its connection, which is closed in the end
	 */
	ConnectionThread(String name, Connection connection) {
		this.connection = connection;
		this.thread = new Thread(this::run, name);
	}

	final void start() {
		this.thread.start();
	}

	private void run() {
		try {
			run(this.connection);
		}
		catch (SQLException ex) {
			this.failure = ex;
		}
	}

	/** What is done until it is closed. */
	abstract void run(Connection connection) throws SQLException;

	final boolean isClosed() {
		return this.closed;
	}

	/** Waits for the end, and fails if that came too early. */
	@Override
	public final void close() throws SQLException, InterruptedException {
		this.closed = true;
		this.thread.join();
		this.connection.close();
		SQLException failed = this.failure;
		if (failed != null) {
			throw new SQLException("The thread \"" + this.thread.getName() + "\" has failed", failed);
		}
	}

}
