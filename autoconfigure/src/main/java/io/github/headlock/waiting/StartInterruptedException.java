package io.github.headlock.waiting;

import io.github.headlock.HeadlockException;

/**
 * Thrown when the starting thread was interrupted, or the JVM told to end, while the
 * start waited: for the database, the migration lock, sessions to end, or the next
 * attempt of a migration. Thrown as well when the JVM was told to end while Flyway
 * migrated: a transactional migration is rolled back then. What was applied until then is
 * recorded. Exit code 1, but a JVM that ends by a signal ends with that of the signal.
 */
public class StartInterruptedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final boolean migrating;

	/**
	 * Creates the exception.
	 * @param what what the thread was doing, in words
	 * @param cause how it showed
	 */
	public StartInterruptedException(String what, Exception cause) {
		this("Interrupted while " + what, false, cause);
	}

	private StartInterruptedException(String message, boolean migrating, Exception cause) {
		super(1, message, cause);
		this.migrating = migrating;
	}

	/**
	 * Creates the exception for a wait that ended because the JVM was told to end.
	 * @param what what the thread was doing, in words
	 * @param cause how it showed
	 * @return the exception
	 */
	public static StartInterruptedException byShutdown(String what, Exception cause) {
		return new StartInterruptedException(cancelled(what), false, cause);
	}

	/**
	 * Creates the exception for a migration that was cancelled because the JVM was told
	 * to end.
	 * @param step what Flyway was doing, in its words
	 * @param cause Flyway's error
	 * @return the exception
	 */
	public static StartInterruptedException whileMigrating(String step, Exception cause) {
		return new StartInterruptedException(cancelled("migrating (" + step + ")"), true, cause);
	}

	private static String cancelled(String what) {
		return "Shutdown requested; cancelled while " + what;
	}

	/**
	 * Returns whether Flyway was at work, and so may have been in a migration that is not
	 * transactional.
	 * @return {@code false} if the thread only waited
	 */
	public boolean isMigrating() {
		return this.migrating;
	}

	@Override
	public String getDescription() {
		return getMessage() + (this.migrating ? ". The lock is free, and a transactional migration is rolled back."
				: ". Nothing is left half done.");
	}

	@Override
	public String getAction() {
		return this.migrating
				? "Start again; the migrations that are not recorded are then applied. One that is not transactional, "
						+ "such as CREATE INDEX CONCURRENTLY, may have left an effect that has to be removed first."
				: "The process was shut down while it was starting; start it again.";
	}

}
