package io.github.headlock.autoconfigure;

import io.github.headlock.HeadlockException;

/**
 * Thrown where Spring Boot is older than Headlock needs.
 */
final class UnsupportedSpringBootException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	UnsupportedSpringBootException(String message) {
		super(1, message, null);
	}

	@Override
	public String getAction() {
		return "Upgrade Spring Boot, or remove Headlock from the dependencies of the application.";
	}

}
