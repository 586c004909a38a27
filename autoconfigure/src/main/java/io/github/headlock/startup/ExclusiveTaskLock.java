package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MultiStatement;
import io.github.headlock.jdbc.MultiStatement.Result;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.waiting.Deadline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until this process may run a task alone. The application's pool is not asked. A
 * lock on a standby excludes nobody but who reached the same one: where the URL lists
 * several hosts, a primary is looked for once.
 */
final class ExclusiveTaskLock {

	private static final Logger logger = LoggerFactory.getLogger(ExclusiveTaskLock.class);

	private final String task;

	private final ManagedSchema schema;

	private final MigrationLock lock;

	private final Deadline deadline;

	private final LockPolling polling;

	private boolean soughtPrimary;

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
		this.deadline = Deadline.in(timeout);
		this.polling = new LockPolling(schema.connections(), this.lock, "the lock for the task \"" + task + "\"",
				pollInterval, this.deadline);
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
		MultiStatement message = new MultiStatement();
		Result<Boolean> standby = ServerFacts.addStandbyTo(message);
		Result<Optional<LockHolder>> holder = this.lock.addHolderTo(message, connection);
		message.run(connection);
		if (standby.get() && !this.soughtPrimary && !this.deadline.isOver()
				&& this.schema.connections().preferPrimary()) {
			this.soughtPrimary = true;
			return Optional.empty();
		}
		if (this.polling.see(holder.get())) {
			return Optional.empty();
		}
		Optional<HeldLock> held = this.polling.tryTake(connection);
		if (held.isPresent() && standby.get()) {
			logger.warn(
					"The task \"{}\" is to be run by one process at a time, but {} is a standby, whose lock keeps out "
							+ "only processes that reached the same standby",
					this.task, this.schema.connections());
		}
		return held
			.map((lock) -> new WaitResult.LockAcquired(lock, this.schema.report().status(), this.polling.waited()));
	}

	private RuntimeException timedOut() {
		HistoryTable table = this.schema.table();
		return this.polling.timedOut((timeout, holder) -> LockTimeoutException.ofTask(this.task, table.toString(),
				table.taskLockKey(), timeout, holder, this.schema.report().status()));
	}

}
