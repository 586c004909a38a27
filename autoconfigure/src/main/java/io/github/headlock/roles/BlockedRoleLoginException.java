package io.github.headlock.roles;

import java.util.List;
import java.util.Locale;

import io.github.headlock.HeadlockException;

/**
 * Thrown when a migration failed because it logged in as one of the application's roles,
 * which are kept out while it runs. A Java migration does that if it uses the
 * application's data source. A transactional migration is rolled back. Exit code 1.
 */
public class BlockedRoleLoginException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String[] roles;

	/**
	 * Creates the exception.
	 * @param roles names of the roles that are kept out
	 * @param reason what the server says
	 * @param cause Flyway's error
	 */
	public BlockedRoleLoginException(List<String> roles, String reason, Throwable cause) {
		super(1, String.format(Locale.ROOT,
				"A migration logs in as a role that headlock.sessions.roles blocks while it runs, %s: %s", roles,
				reason), cause);
		this.roles = roles.toArray(String[]::new);
	}

	/**
	 * Returns the roles that are kept out.
	 * @return their names, at least one
	 */
	public List<String> getRoles() {
		return List.of(this.roles);
	}

	@Override
	public String getDescription() {
		return getMessage() + ". The login of the roles is restored, and a transactional migration is rolled back.";
	}

	@Override
	public String getAction() {
		return "Let the Java migration or callback use the connection of its context (Context.getConnection()) instead of the "
				+ "application's data source, or remove the role from headlock.sessions.roles for this release.";
	}

}
