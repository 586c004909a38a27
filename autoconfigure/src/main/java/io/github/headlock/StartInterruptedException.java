package io.github.headlock;

/**
 * Thrown when the starting thread was interrupted while it waited for the database or for
 * the migration lock. * Nothing was changed, and the interrupt flag of the thread is set.
 * Exit code 1.
 */
public class StartInterruptedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param what what the thread was doing, in words
	 * @param cause the interrupt
	 */
	public StartInterruptedException(String what, InterruptedException cause) {
		super(1, "Interrupted while " + what, cause);
	}

}
