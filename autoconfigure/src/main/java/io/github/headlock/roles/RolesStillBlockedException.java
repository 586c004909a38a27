package io.github.headlock.roles;

import java.util.List;
import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.RootCause;

/**
 * Thrown when the login of the application's roles could not be restored after a
 * migration. Their names are recorded in the database, and the next start restores it.
 * Exit code 1.
 */
public class RolesStillBlockedException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String journal;

	/**
	 * Creates the exception.
	 * @param roles names of the roles
	 * @param journal quoted and qualified name of the table that records them
	 * @param cause the driver's error
	 */
	public RolesStillBlockedException(List<String> roles, String journal, Throwable cause) {
		super(1, String.format(Locale.ROOT, "The login of the roles %s could not be restored: %s", roles,
				RootCause.describe(cause)), cause);
		this.journal = journal;
	}

	/**
	 * Returns the name of the table that records the blocked roles.
	 * @return the quoted and qualified name
	 */
	public String getJournal() {
		return this.journal;
	}

	@Override
	public String getDescription() {
		return String.format(Locale.ROOT, "%s. They are recorded in %s.", getMessage(),
				PrintableText.name(this.journal));
	}

	@Override
	public String getAction() {
		return "Start again: every start restores the login of roles that a migration has left blocked. By hand: ALTER ROLE ... LOGIN (or GRANT CONNECT ON "
				+ "DATABASE ... TO ...) for each role in that table, and then drop it.";
	}

}
