package io.github.headlock.roles;

import java.sql.SQLException;
import java.util.Locale;

import io.github.headlock.PrintableText;

/**
 * Thrown when it is still unknown whether a transaction is committed, or will be.
 */
final class UnknownOutcomeException extends SQLException {

	private static final long serialVersionUID = 1L;

	/** Of the SQL standard: transaction resolution unknown. */
	private static final String RESOLUTION_UNKNOWN = "08007";

	UnknownOutcomeException(int pid, SQLException cause) {
		super(String.format(Locale.ROOT,
				"server process %d has not ended a change of roles, which may still come into effect: %s", pid,
				PrintableText.line(cause.getMessage())), RESOLUTION_UNKNOWN, cause);
	}

}
