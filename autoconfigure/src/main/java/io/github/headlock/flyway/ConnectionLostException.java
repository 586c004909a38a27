package io.github.headlock.flyway;

import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.jdbc.RootCause;

/**
 * Thrown when the connection on which Flyway migrates ended in the middle. A
 * transactional migration is rolled back then; the lock is free. Exit code 1.
 */
public class ConnectionLostException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param database where the database is, without credentials
	 * @param step what Flyway was doing, in its words
	 * @param reason what the driver says
	 * @param cause Flyway's error
	 */
	public ConnectionLostException(String database, String step, String reason, Throwable cause) {
		super(1, String.format(Locale.ROOT, "The connection to %s was lost while migrating (%s): %s", database, step,
				reason), cause);
	}

	@Override
	public String getDescription() {
		return getMessage() + ". The lock is free, and a transactional migration is rolled back.";
	}

	@Override
	public String getAction() {
		String again = "Start again; the migrations that are not recorded are then applied. One that is not transactional, "
				+ "such as CREATE INDEX CONCURRENTLY, may have left an effect that has to be removed first.";
		return RootCause.remedy(getCause()).map((remedy) -> remedy + " " + again).orElse(again);
	}

}
