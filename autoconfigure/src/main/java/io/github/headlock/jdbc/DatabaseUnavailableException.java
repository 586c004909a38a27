package io.github.headlock.jdbc;

import java.util.Locale;

import io.github.headlock.HeadlockException;

/**
 * Thrown when the database could not be reached, or was lost on the way. Exit code 1.
 */
public class DatabaseUnavailableException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String database;

	/**
	 * Creates the exception.
	 * @param database where the database was looked for, without credentials
	 * @param what what could not be done, in words
	 * @param cause the driver's error
	 */
	public DatabaseUnavailableException(String database, String what, Throwable cause) {
		super(1, String.format(Locale.ROOT, "%s (%s): %s", what, database, RootCause.describe(cause)), cause);
		this.database = database;
	}

	/**
	 * Returns where the database was looked for.
	 * @return a JDBC URL without its parameters
	 */
	public String getDatabase() {
		return this.database;
	}

	@Override
	public String getAction() {
		return RootCause.remedy(getCause())
			.orElse("Check that PostgreSQL runs and can be reached from here, and that spring.datasource.url, username and password "
					+ "are right (or spring.flyway.url, user and password, if they are set). A pool or a pooler must allow at least two "
					+ "server connections.");
	}

}
