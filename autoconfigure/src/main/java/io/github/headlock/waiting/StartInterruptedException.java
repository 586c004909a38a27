package io.github.headlock.waiting;

import io.github.headlock.HeadlockException;

/**
 * Thrown when the starting thread was interrupted, or the JVM told to end, while the
 * start waited: for the database, the migration lock, sessions to end, or the next
 * attempt of a migration. What was applied until then is recorded, and nothing is left
 * half done. Exit code 1.
 */
public class StartInterruptedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param what what the thread was doing, in words
	 * @param cause how it showed
	 */
	public StartInterruptedException(String what, Exception cause) {
		super(1, "Interrupted while " + what, cause);
	}

	@Override
	public String getDescription() {
		return getMessage() + ". Nothing is left half done.";
	}

	@Override
	public String getAction() {
		return "The process was told to stop while it was starting; start again.";
	}

}
