package io.github.headlock.flyway;

import io.github.headlock.HeadlockException;

/**
 * Thrown when the Flyway on the class path takes its lock in a way this Headlock does not
 * know, so that it would wait for the lock that Headlock holds. Exit code 1.
 */
public class UnsupportedFlywayException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what was found, in words
	 */
	public UnsupportedFlywayException(String message) {
		super(1, message, null);
	}

	@Override
	public String getAction() {
		return "Use the Flyway version that Spring Boot manages, or a Headlock release made for yours. Until then, "
				+ "headlock.enabled=false brings back Flyway's own behaviour.";
	}

}
