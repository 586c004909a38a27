package io.github.headlock.lock;

import java.time.Duration;
import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.SchemaStatus;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a lock could not be had in time: the migration lock, and the schema was
 * still not at head, or the lock for tasks that one process runs at a time. What waited
 * for it changed nothing. Exit code 10.
 */
public class LockTimeoutException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final Duration timeout;

	private final long lockKey;

	private final @Nullable LockHolder holder;

	private final SchemaStatus status;

	private final @Nullable String task;

	/**
	 * Creates the exception.
	 * @param historyTable quoted and qualified name of the history table
	 * @param lockKey key of the advisory lock
	 * @param timeout the bound that was reached
	 * @param holder who held the lock at the last look, {@code null} if nobody did or it
	 * could not be read
	 * @param status the schema at the last look
	 */
	public LockTimeoutException(String historyTable, long lockKey, Duration timeout, @Nullable LockHolder holder,
			SchemaStatus status) {
		this(null, "migration lock", historyTable, lockKey, timeout, holder, status);
	}

	private LockTimeoutException(@Nullable String task, String lock, String historyTable, long lockKey,
			Duration timeout, @Nullable LockHolder holder, SchemaStatus status) {
		super(10,
				String.format(Locale.ROOT, "No %s of %s within %.1f s: it is held by %s", lock, historyTable,
						timeout.toMillis() / 1000.0, (holder != null) ? holder : "a session that ended meanwhile"),
				null);
		this.task = task;
		this.lockKey = lockKey;
		this.timeout = timeout;
		this.holder = holder;
		this.status = status;
	}

	/**
	 * Creates the exception for a task that one process runs at a time.
	 * @param task bean name of the task that waited
	 * @param historyTable quoted and qualified name of the history table
	 * @param lockKey key of the advisory lock
	 * @param timeout the bound that was reached
	 * @param holder who held the lock at the last look, {@code null} if nobody did or it
	 * could not be read
	 * @param status the schema, which is ready
	 * @return the exception
	 */
	public static LockTimeoutException ofTask(String task, String historyTable, long lockKey, Duration timeout,
			@Nullable LockHolder holder, SchemaStatus status) {
		return new LockTimeoutException(task, String.format(Locale.ROOT, "lock for the task \"%s\"", task),
				historyTable, lockKey, timeout, holder, status);
	}

	/**
	 * Returns the task that waited.
	 * @return its bean name, {@code null} if it was the migration that waited
	 */
	public @Nullable String getTask() {
		return this.task;
	}

	/**
	 * Returns the bound that was reached.
	 * @return the value of {@code headlock.lock.timeout}
	 */
	public Duration getTimeout() {
		return this.timeout;
	}

	/**
	 * Returns the key of the advisory lock.
	 * @return the key, as {@code pg_advisory_lock(bigint)} takes it
	 */
	public long getLockKey() {
		return this.lockKey;
	}

	/**
	 * Returns who held the lock at the last look.
	 * @return the holder, {@code null} if nobody did or it could not be read
	 */
	public @Nullable LockHolder getHolder() {
		return this.holder;
	}

	/**
	 * Returns the schema at the last look.
	 * @return the status
	 */
	public SchemaStatus getStatus() {
		return this.status;
	}

	@Override
	public String getDescription() {
		return String.format(Locale.ROOT, "%s. The schema is %s%s.", getMessage(), this.status.state(),
				(this.task != null) ? "; the task was not run" : ". Nothing was changed");
	}

	@Override
	public String getAction() {
		String start = (this.task != null)
				? "If another process is still running such a task, start again when it has finished, or raise "
						+ "headlock.lock.timeout: it must be longer than all replicas need for their tasks, one after the other."
				: "If the migration that holds the lock is still running, wait for it and start again, or raise "
						+ "headlock.lock.timeout.";
		boolean prepared = this.holder != null && this.holder.preparedTransaction() != null;
		return start + " The query SELECT l.pid, a.usename, a.application_name, a.client_addr "
				+ "FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' "
				+ "AND l.granted; shows the holder with its role; "
				+ (prepared
						? "a prepared transaction, which has no pid, ends only with COMMIT PREPARED or ROLLBACK PREPARED."
						: "pg_terminate_backend(pid) ends a holder that is stuck, and its lock with it.");
	}

}
