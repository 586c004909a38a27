package io.github.headlock.testbed;

import org.testcontainers.DockerClientFactory;

/**
 * Ends a build that is to use containers before its first test, where there is no Docker
 * engine: tests that did not run must not pass for tests that did.
 */
public final class DockerCheck {

	private DockerCheck() {
	}

	/**
	 * As the build calls it. Exits with 1 if no Docker engine answers.
	 * @param arguments none
	 */
	public static void main(String[] arguments) {
		try {
			requireEngine();
		}
		catch (IllegalStateException ex) {
			System.err.println(ex.getMessage());
			System.exit(1);
		}
	}

	/**
	 * Makes sure that a Docker engine answers.
	 * @throws IllegalStateException if none does
	 */
	public static void requireEngine() {
		if (!DockerClientFactory.instance().isDockerAvailable()) {
			throw new IllegalStateException("not run: no Docker engine. The tests with PostgreSQL in a container need "
					+ "one that Testcontainers finds; without -Dheadlock.test.postgres=container they run embedded");
		}
	}

}
