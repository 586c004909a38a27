package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.ServerFacts;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says what the failure of a batch is about.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
 * codes</a>
 */
enum BatchFailure {

	/** The batch was given up because it took too long. */
	TIMEOUT,

	/** The batch had to give way to others, or the server lacks something now. */
	BUSY,

	/** The statement does not fit the table, or the role may not execute it. */
	DEFINITION,

	/** The connection, which says nothing of the batch. */
	CONNECTION,

	/** Something in a row. */
	ROW;

	private static final Set<String> TIMEOUTS = Set.of("57014", "25P03", "25P04");

	private static final Set<String> CONFLICTS = Set.of("55P03", "40P01", "40001");

	private static final int IS_VALID_SECONDS = 5;

	private static final Pattern VALUE = Pattern.compile("(?s):? *\".*");

	static BatchFailure of(SQLException failure) {
		String state = String.valueOf(failure.getSQLState());
		if (TIMEOUTS.contains(state)) {
			return TIMEOUT;
		}
		if (CONFLICTS.contains(state)) {
			return BUSY;
		}
		if (state.startsWith("53") || state.startsWith("58")) {
			return BUSY;
		}
		if (state.startsWith("42")) {
			return DEFINITION;
		}
		// a standby that was a primary, or a server that is ending, goes away again
		return state.startsWith("25") || ConnectionFailure.mayPass(failure) ? CONNECTION : ROW;
	}

	/**
	 * Says what it is about, also of an error with the SQLSTATE of a lost connection, or
	 * of a standby, that a trigger has raised, or code that has another connection.
	 * @param connection the connection, in autocommit mode afterwards where that is
	 * doubtful
	 */
	static BatchFailure of(SQLException failure, Connection connection) throws SQLException {
		BatchFailure kind = of(failure);
		if (kind != CONNECTION || connection.isClosed()) {
			return kind;
		}
		Transactions.rollback(connection, failure);
		return isUsable(connection, failure) ? ROW : CONNECTION;
	}

	/** Whether a batch could be worked on over this connection. */
	private static boolean isUsable(Connection connection, SQLException failure) {
		try {
			return connection.isValid(IS_VALID_SECONDS) && !ServerFacts.isStandby(connection);
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
			return false;
		}
	}

	/** What the server says, without the detail, which may show values of the row. */
	static String describe(SQLException failure) {
		ServerErrorMessage answer = (failure instanceof PSQLException refusal) ? refusal.getServerErrorMessage() : null;
		String message = String.valueOf((answer != null) ? answer.getMessage() : failure.getMessage());
		if (String.valueOf(failure.getSQLState()).startsWith("22")) {
			// such as invalid input syntax for type integer: "value of the row"
			message = VALUE.matcher(message).replaceFirst("");
		}
		return (failure.getSQLState() == null) ? PrintableText.line(message) : String.format(Locale.ROOT,
				"%s (SQLSTATE %s)", PrintableText.line(message), PrintableText.line(failure.getSQLState()));
	}

}
