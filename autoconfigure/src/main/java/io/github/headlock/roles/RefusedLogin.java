package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import io.github.headlock.jdbc.BlockedLogin;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Recognises a login that the server refuses because its role is blocked, also where a
 * pooler passes the refusal on.
 */
final class RefusedLogin {

	private static final String IN_A_NAME = "[\\p{L}\\p{N}_$.@-]";

	private final BlockedLogin blocked;

	/** The roles, or the database to which they may not connect. */
	private final List<String> names;

	private RefusedLogin(BlockedLogin blocked, List<String> names) {
		this.blocked = blocked;
		this.names = names;
	}

	/**
	 * Creates the recognition.
	 * @param blockWith how the roles are blocked
	 * @param roles the roles
	 * @param connection a connection to the database
	 * @return the recognition
	 * @throws SQLException if the database does not tell its name
	 */
	static RefusedLogin of(BlockMode blockWith, List<RoleFacts> roles, Connection connection) throws SQLException {
		return switch (blockWith) {
			case NOLOGIN -> new RefusedLogin(BlockedLogin.ROLE, roles.stream().map(RoleFacts::name).toList());
			case REVOKE_CONNECT -> new RefusedLogin(BlockedLogin.CONNECT, List.of(connection.getCatalog()));
		};
	}

	/**
	 * Finds a refused login behind a failure.
	 * @param failure any failure
	 * @return the driver's error, empty if the failure has another reason
	 */
	Optional<SQLException> behind(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof PSQLException exception && isRefused(exception.getServerErrorMessage())) {
				return Optional.of(exception);
			}
		}
		return Optional.empty();
	}

	/** The reason is the same in all languages of the server, and names are too. */
	private boolean isRefused(@Nullable ServerErrorMessage error) {
		if (error == null || BlockedLogin.of(error).filter(this.blocked::equals).isEmpty()) {
			return false;
		}
		String message = String.valueOf(error.getMessage());
		return this.names.stream().anyMatch((name) -> names(message, name));
	}

	/** Between the quotes of whatever language, and not as a part of another name. */
	private static boolean names(String message, String name) {
		return Pattern.compile("(?<!" + IN_A_NAME + ")" + Pattern.quote(name) + "(?!" + IN_A_NAME + ")")
			.matcher(message)
			.find();
	}

}
