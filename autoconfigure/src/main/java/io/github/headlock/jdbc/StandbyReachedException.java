package io.github.headlock.jdbc;

import java.util.Locale;

import io.github.headlock.HeadlockException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a process that is to migrate has reached a standby, on which nothing can be
 * changed and advisory locks exclude nobody. Nothing was changed. Exit code 1.
 */
public class StandbyReachedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String database;

	/**
	 * Creates the exception.
	 * @param database where the database was looked for, without credentials
	 * @param reason what there is to change, in words
	 * @param cause what the standby has refused, {@code null} if nothing was tried
	 */
	public StandbyReachedException(String database, String reason, @Nullable Throwable cause) {
		super(1, String.format(Locale.ROOT, "The database (%s) is a standby, where nothing can be migrated, and %s",
				database, reason), cause);
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
		return "Let this process migrate on the primary: name the primary's host in spring.datasource.url (or in "
				+ "spring.flyway.url, if it is set), or list all hosts there and add targetServerType=primary to the URL's "
				+ "parameters. A process with headlock.skip-migrations=true may use a standby.";
	}

}
