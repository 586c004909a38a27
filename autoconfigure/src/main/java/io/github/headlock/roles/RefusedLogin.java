package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Recognises a login that the server refuses because its role is blocked, also where a
 * pooler passes the refusal on.
 */
final class RefusedLogin {

	private static final String INVALID_AUTHORIZATION = "28000";

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	/** Functions of the server that look at a role, and at its CONNECT, at a login. */
	private static final String LOOKS_AT_ROLE = "InitializeSessionUserId";

	private static final String LOOKS_AT_DATABASE = "CheckMyDatabase";

	/** SQLSTATE of all errors of PgBouncer, which quotes the server's message. */
	private static final String POOLER = "08P01";

	private static final String IN_A_NAME = "[\\p{L}\\p{N}_$.@-]";

	private final BlockMode blockWith;

	/** The roles, or the database to which they may not connect. */
	private final List<String> names;

	private RefusedLogin(BlockMode blockWith, List<String> names) {
		this.blockWith = blockWith;
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
		return new RefusedLogin(blockWith, switch (blockWith) {
			case NOLOGIN -> roles.stream().map(RoleFacts::name).toList();
			case REVOKE_CONNECT -> List.of(connection.getCatalog());
		});
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
		if (error == null) {
			return false;
		}
		String message = String.valueOf(error.getMessage());
		return (isOfServer(error) || isOfPooler(error, message))
				&& this.names.stream().anyMatch((name) -> names(message, name));
	}

	private boolean isOfServer(ServerErrorMessage error) {
		return switch (this.blockWith) {
			case NOLOGIN ->
				INVALID_AUTHORIZATION.equals(error.getSQLState()) && LOOKS_AT_ROLE.equals(error.getRoutine());
			case REVOKE_CONNECT ->
				INSUFFICIENT_PRIVILEGE.equals(error.getSQLState()) && LOOKS_AT_DATABASE.equals(error.getRoutine());
		};
	}

	/** Only where the server speaks English is a wrong password told from a block. */
	private boolean isOfPooler(ServerErrorMessage error, String message) {
		return POOLER.equals(error.getSQLState()) && message.contains(switch (this.blockWith) {
			case NOLOGIN -> "is not permitted to log in";
			case REVOKE_CONNECT -> "permission denied for database";
		});
	}

	/** Between the quotes of whatever language, and not as a part of another name. */
	private static boolean names(String message, String name) {
		return Pattern.compile("(?<!" + IN_A_NAME + ")" + Pattern.quote(name) + "(?!" + IN_A_NAME + ")")
			.matcher(message)
			.find();
	}

}
