package io.github.headlock.roles;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Recognises a login that the server refuses because its role is blocked.
 */
final class RefusedLogin {

	private static final String INVALID_AUTHORIZATION = "28000";

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	/** Functions of the server that look at a role, and at its CONNECT, at a login. */
	private static final String LOOKS_AT_ROLE = "InitializeSessionUserId";

	private static final String LOOKS_AT_DATABASE = "CheckMyDatabase";

	private static final String IN_A_NAME = "[\\p{L}\\p{N}_$.@-]";

	private RefusedLogin() {
	}

	/**
	 * Finds a refused login behind a failure.
	 * @param failure any failure
	 * @param blockWith how the roles are blocked
	 * @param roles the roles
	 * @return the driver's error, empty if the failure has another reason
	 */
	static Optional<SQLException> behind(Throwable failure, BlockMode blockWith, List<RoleFacts> roles) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof PSQLException exception
					&& isRefused(exception.getServerErrorMessage(), blockWith, roles)) {
				return Optional.of(exception);
			}
		}
		return Optional.empty();
	}

	/** The reason is the same in all languages of the server, and names are too. */
	private static boolean isRefused(@Nullable ServerErrorMessage error, BlockMode blockWith, List<RoleFacts> roles) {
		if (error == null) {
			return false;
		}
		return switch (blockWith) {
			case NOLOGIN ->
				INVALID_AUTHORIZATION.equals(error.getSQLState()) && LOOKS_AT_ROLE.equals(error.getRoutine())
						&& roles.stream().anyMatch((role) -> names(String.valueOf(error.getMessage()), role.name()));
			case REVOKE_CONNECT ->
				INSUFFICIENT_PRIVILEGE.equals(error.getSQLState()) && LOOKS_AT_DATABASE.equals(error.getRoutine());
		};
	}

	/** Between the quotes of whatever language, and not as a part of another name. */
	private static boolean names(String message, String role) {
		return Pattern.compile("(?<!" + IN_A_NAME + ")" + Pattern.quote(role) + "(?!" + IN_A_NAME + ")")
			.matcher(message)
			.find();
	}

}
