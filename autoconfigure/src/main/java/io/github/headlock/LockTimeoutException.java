package io.github.headlock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the migration lock could not be had in time and the schema was still not at
 * head. Nothing was changed. Exit code 10.
 */
public class LockTimeoutException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final Duration timeout;

	private final long lockKey;

	private final @Nullable LockHolder holder;

	private final SchemaStatus status;

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
		super(10,
				"No migration lock of %s within %.1f s: it is held by %s".formatted(historyTable,
						timeout.toMillis() / 1000.0, (holder != null) ? holder : "a session that ended meanwhile"),
				null);
		this.lockKey = lockKey;
		this.timeout = timeout;
		this.holder = holder;
		this.status = status;
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

}
