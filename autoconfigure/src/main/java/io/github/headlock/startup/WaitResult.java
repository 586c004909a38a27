package io.github.headlock.startup;

import java.time.Duration;

import io.github.headlock.SchemaStatus;
import io.github.headlock.lock.HeldLock;

/**
 * What waiting ends with: a schema that is ready, the lock, or neither.
 */
sealed interface WaitResult {

	/**
	 * Returns the time from the first try that failed to this result; zero if the first
	 * try was enough.
	 * @return the time
	 */
	Duration waited();

	/**
	 * Returns the schema at the last look.
	 * @return the status
	 */
	SchemaStatus status();

	/**
	 * Nothing to do, and no lock held.
	 *
	 * @param status the schema at the last look
	 * @param waited time from the first try that failed
	 * @param atFirstLook whether the first look found it ready
	 */
	record SchemaReady(SchemaStatus status, Duration waited, boolean atFirstLook) implements WaitResult {
	}

	/**
	 * The schema is not ready, and this process may only watch.
	 *
	 * @param status the schema at the last look
	 * @param waited time from the first look that found it so
	 */
	record TimedOut(SchemaStatus status, Duration waited) implements WaitResult {
	}

	/**
	 * The lock is held, and there is something to do.
	 *
	 * @param lock the lock, which the receiver closes
	 * @param status the schema as seen under the lock
	 * @param waited time from the first try that failed
	 */
	record LockAcquired(HeldLock lock, SchemaStatus status, Duration waited) implements WaitResult {
	}

}
