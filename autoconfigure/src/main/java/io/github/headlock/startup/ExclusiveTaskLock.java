package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.waiting.Deadline;

/**
 * Waits until this process may run a task alone. The application's pool is not asked.
 */
final class ExclusiveTaskLock {

	private final String task;

	private final ManagedSchema schema;

	private final MigrationLock lock;

	private final LockPolling polling;

	/**
	 * Prepares to wait.
	 * @param task name of the task
	 * @param schema the schema whose lock for tasks it is
	 * @param timeout longest wait
	 * @param pollInterval mean pause between two tries
	 */
	ExclusiveTaskLock(String task, ManagedSchema schema, Duration timeout, Duration pollInterval) {
		this.task = task;
		this.schema = schema;
		this.lock = MigrationLock.ofTasks(schema.table());
		this.polling = new LockPolling(schema.connections(), this.lock, "the lock for the task \"" + task + "\"",
				pollInterval, Deadline.in(timeout));
	}

	/**
	 * Waits until no other process runs a task.
	 * @return the lock, which the caller closes
	 * @throws LockTimeoutException if another process held it for too long
	 * @throws DatabaseUnavailableException if the database was gone for as long
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	HeldLock await() {
		return this.polling.await(null, this::tryOnce, this.polling::describeHolder).orElseThrow(this::timedOut).lock();
	}

	private Optional<WaitResult.LockAcquired> tryOnce(Connection connection) throws SQLException {
		if (this.polling.see(this.lock.holder(connection))) {
			return Optional.empty();
		}
		return this.polling.tryTake(connection)
			.map((lock) -> new WaitResult.LockAcquired(lock, this.schema.report().status(), this.polling.waited()));
	}

	private RuntimeException timedOut() {
		HistoryTable table = this.schema.table();
		return this.polling.timedOut((timeout, holder) -> LockTimeoutException.ofTask(this.task, table.toString(),
				table.taskLockKey(), timeout, holder, this.schema.report().status()));
	}

}
