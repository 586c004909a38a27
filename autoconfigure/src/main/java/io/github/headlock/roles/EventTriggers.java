package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Finds the event triggers that refuse a change of the record of blocked roles.
 */
final class EventTriggers {

	/** Only superusers create them, so that their names may be trusted. */
	private static final String BEHIND = """
			/*NO LOAD BALANCE*/ SELECT pg_catalog.quote_ident(e.evtname) FROM pg_catalog.pg_event_trigger e \
			JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) e.evtfoid \
			WHERE e.evtenabled OPERATOR(pg_catalog.<>) 'D'::pg_catalog."char" \
			AND pg_catalog.strpos(?::pg_catalog.text, pg_catalog.concat(pg_catalog.quote_ident(p.proname), '()')) \
			OPERATOR(pg_catalog.>) 0 ORDER BY 1""";

	private EventTriggers() {
	}

	/**
	 * Returns whether a statement failed within a function, such as that of a trigger,
	 * and not by itself: Headlock calls no function that has statements.
	 * @param failure why it failed
	 * @return {@code false} if the statement itself failed
	 */
	static boolean isOfTrigger(SQLException failure) {
		return context(failure) != null;
	}

	/**
	 * Finds the event triggers in whose functions a statement failed.
	 * @param connection a connection to the database, in autocommit mode
	 * @param failure why it failed
	 * @return their names, quoted for SQL; empty if there is none
	 */
	static List<String> behind(Connection connection, SQLException failure) {
		String context = context(failure);
		if (context == null) {
			return List.of();
		}
		try (PreparedStatement statement = connection.prepareStatement(BEHIND)) {
			statement.setString(1, context);
			return RoleJournalTable.readColumn(statement);
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
			return List.of();
		}
	}

	/** What the server names as CONTEXT, {@code null} if nothing. */
	private static @Nullable String context(SQLException failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			ServerErrorMessage error = (cause instanceof PSQLException exception) ? exception.getServerErrorMessage()
					: null;
			if (error != null) {
				return error.getWhere();
			}
		}
		return null;
	}

}
