package io.github.headlock.autoconfigure;

import java.sql.SQLException;
import java.util.Locale;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.exception.FlywayMigrateException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Holds what Flyway tells of an SQL migration that failed.
 *
 * @param script its path, relative to its location
 * @param line first line of the statement that failed
 * @param transactional whether it was rolled back
 */
record FailedScript(String script, int line, boolean transactional) {

	/**
	 * Finds the migration that a failure is about.
	 * @param failure Flyway's failure
	 * @return the migration, {@code null} if the failure is not about one of SQL, or this
	 * Flyway tells it in another way
	 */
	static @Nullable FailedScript of(FlywayException failure) {
		try {
			return (failure instanceof FlywayMigrateException migration && migration.getLineNumber() > 0)
					? new FailedScript(migration.getMigration().getScript(), migration.getLineNumber(),
							migration.isExecutableInTransaction())
					: null;
		}
		catch (LinkageError ex) {
			return null;
		}
	}

	/**
	 * Finds the server's refusal of a statement.
	 * @param failure Flyway's failure
	 * @return the driver's error, {@code null} if there is none
	 */
	static @Nullable SQLException refusalBehind(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException refusal && refusal.getSQLState() != null) {
				return refusal;
			}
		}
		return null;
	}

	/**
	 * Describes what happened and what became of the migration.
	 * @param refusal the server's refusal
	 * @param group whether all pending migrations run in one transaction
	 * @return the description, of several lines
	 */
	String describe(SQLException refusal, boolean group) {
		StringBuilder text = new StringBuilder(
				String.format(Locale.ROOT, "Migration %s failed at line %d: %s (SQLSTATE %s)",
						PrintableText.name(this.script), this.line, firstLine(refusal), refusal.getSQLState()));
		if (refusal instanceof PSQLException exception && exception.getServerErrorMessage() != null) {
			append(text, exception.getServerErrorMessage());
		}
		return text.append('\n').append(consequence(group)).toString();
	}

	private String consequence(boolean group) {
		if (!this.transactional) {
			return "It does not run in a transaction: what its statements before that line did stays, and the history "
					+ "table has a row that says that it failed.";
		}
		return group ? "It was rolled back with all the other pending migrations."
				: "It was rolled back. The migrations before it are applied.";
	}

	private static String firstLine(SQLException refusal) {
		return PrintableText.line(String.valueOf(refusal.getMessage()).lines().findFirst().orElse(""));
	}

	private static void append(StringBuilder text, ServerErrorMessage message) {
		if (message.getDetail() != null) {
			text.append("\nDetail: ").append(PrintableText.line(message.getDetail()));
		}
		if (message.getHint() != null) {
			text.append("\nHint: ").append(PrintableText.line(message.getHint()));
		}
	}

	String remedy() {
		return this.transactional ? "Correct the migration, and start again."
				: "Remove what the migration left behind and correct it. The next start names the statement that deletes its "
						+ "row from the history table.";
	}

}
