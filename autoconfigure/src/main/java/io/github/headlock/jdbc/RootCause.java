package io.github.headlock.jdbc;

import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

import javax.net.ssl.SSLException;

import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

import org.springframework.core.NestedExceptionUtils;

/**
 * Names the innermost cause of a failed connection, which the driver tells only as a
 * cause, and the setting that may have to be changed.
 */
public final class RootCause {

	private static final String URL = "spring.datasource.url (or spring.flyway.url, if it is set)";

	private RootCause() {
	}

	/**
	 * Describes a failure with its innermost cause.
	 * @param failure the driver's or a pool's error
	 * @return one printable line
	 */
	public static String describe(Throwable failure) {
		Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
		String message = PrintableText.line(failure.getMessage());
		if (root == failure) {
			return message;
		}
		String reason = PrintableText.line(root.getMessage());
		String type = root.getClass().getSimpleName();
		if (reason.equals("null")) {
			return String.format(Locale.ROOT, "%s %s", message, type);
		}
		return message.contains(reason) ? message : String.format(Locale.ROOT, "%s %s: %s", message, type, reason);
	}

	/**
	 * Describes a failure with its innermost cause and the setting to look at.
	 * @param failure the driver's or a pool's error
	 * @return one printable line
	 */
	public static String explain(Throwable failure) {
		return remedy(failure).map((remedy) -> describe(failure).replaceFirst("\\.$", "") + ". " + remedy)
			.orElseGet(() -> describe(failure));
	}

	/**
	 * Finds out which setting may cure a failure.
	 * @param failure any error, {@code null} for none
	 * @return one or more sentences, empty if the innermost cause does not tell
	 */
	public static Optional<String> remedy(@Nullable Throwable failure) {
		if (failure == null) {
			return Optional.empty();
		}
		if (failure instanceof SQLException exception
				&& ConnectionFailure.of(exception) == ConnectionFailure.BLOCKED_LOGIN) {
			return Optional
				.of("If a migration blocks the role (headlock.sessions.roles), start again when it is over, or let this "
						+ "process wait for it with headlock.skip-migrations=true and headlock.on-schema-behind=wait. Otherwise "
						+ "make sure that the role exists, that it has LOGIN, and CONNECT on the database, and that the database "
						+ "has ALLOW_CONNECTIONS true.");
		}
		Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
		if (root instanceof UnknownHostException) {
			return Optional.of("Correct the host in " + URL + ", or let its name be known where this process runs.");
		}
		if (root instanceof SocketTimeoutException timeout) {
			return Optional.of(
					ConnectionFailure.isConnecting(
							timeout) ? "Check that no firewall is between this process and the host and port of " + URL + ", or set a longer connectTimeout there." : "Find out why the server, or the pooler before it, does not answer. If it only takes longer, as for a " + "migration, set a longer socketTimeout in " + URL + ", or none.");
		}
		if (root instanceof ConnectException || root instanceof NoRouteToHostException) {
			return Optional.of("Check that PostgreSQL runs at the host and port of " + URL
					+ ", and that this process may connect to them.");
		}
		if (root instanceof FileNotFoundException || root instanceof FileSystemException) {
			return Optional.of("Let this process read the file, or correct the parameter of " + URL
					+ " that names it, such as sslrootcert, sslcert or sslkey.");
		}
		if (root instanceof SSLException || root instanceof GeneralSecurityException) {
			return Optional
				.of("Correct sslmode, sslrootcert, sslcert and sslkey in " + URL + ", or the server's certificate.");
		}
		if (root instanceof ClassNotFoundException) {
			return Optional.of("Add the class to the application, or correct the parameter of " + URL
					+ " that names it, such as socketFactory or sslfactory.");
		}
		return Optional.empty();
	}

}
