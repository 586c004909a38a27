package io.github.headlock.flyway;

/**
 * Thrown when the migration that Flyway has chosen must not be begun, because another
 * process is in a migration of the same history or has been since the choice. Flyway's
 * next run chooses anew.
 */
final class ConcurrentMigrationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** Whether the other process was still at it. */
	private final boolean busy;

	ConcurrentMigrationException(String message, boolean busy) {
		super(message);
		this.busy = busy;
	}

	boolean isBusy() {
		return this.busy;
	}

}
