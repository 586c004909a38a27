package io.github.headlock.autoconfigure;

import java.util.Locale;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.exception.FlywayMigrateException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Holds what Flyway tells of a migration that failed.
 *
 * @param script its path, relative to its location, or its class
 * @param line first line of the statement that failed, not positive if it is not SQL
 * @param transactional whether it was rolled back
 */
record FailedScript(String script, int line, boolean transactional) {

	/**
	 * Finds the migration that a failure is about.
	 * @param failure Flyway's failure
	 * @return the migration, {@code null} if the failure is about none, or this Flyway
	 * tells it in another way
	 */
	static @Nullable FailedScript of(FlywayException failure) {
		try {
			return (failure instanceof FlywayMigrateException migration)
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
	static @Nullable PSQLException refusalBehind(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof PSQLException refusal && refusal.getServerErrorMessage() != null) {
				return refusal;
			}
		}
		return null;
	}

	boolean isSql() {
		return this.line > 0;
	}

	/**
	 * Describes what happened and what became of the migration.
	 * @param refusal the server's refusal
	 * @param group whether pending migrations run in one transaction, if all of them can
	 * @return the description, of several lines
	 */
	String describe(PSQLException refusal, boolean group) {
		return String.format(Locale.ROOT, "Migration %s failed at line %d: %s%n%s", PrintableText.name(this.script),
				this.line, describe(refusal), consequence(group));
	}

	/**
	 * Repeats what the server says.
	 * @param refusal the server's refusal
	 * @return one line each for the message, its detail, hint and context
	 */
	static String describe(PSQLException refusal) {
		ServerErrorMessage message = refusal.getServerErrorMessage();
		if (message == null) {
			return PrintableText.line(refusal.getMessage());
		}
		StringBuilder text = new StringBuilder(
				String.format(Locale.ROOT, "%s: %s (SQLSTATE %s)", PrintableText.line(message.getSeverity()),
						PrintableText.line(message.getMessage()), PrintableText.line(message.getSQLState())));
		append(text, "Detail", message.getDetail());
		append(text, "Hint", message.getHint());
		append(text, "Where", message.getWhere());
		return text.toString();
	}

	private static void append(StringBuilder text, String name, @Nullable String value) {
		if (value != null) {
			text.append(String.format(Locale.ROOT, "%n%s: %s", name, PrintableText.line(value)));
		}
	}

	private String consequence(boolean group) {
		if (!this.transactional) {
			return "It does not run in a transaction: what its statements did up to that line stays, such as an INVALID "
					+ "index of CREATE INDEX CONCURRENTLY, and the history table has a row that says that it failed.";
		}
		return group
				? "It was rolled back, and with it the other pending migrations, if all of them can run in a transaction."
				: "It was rolled back. The migrations before it are applied.";
	}

	String remedy() {
		return this.transactional ? "Correct the migration, and start again."
				: "Remove what the migration left behind and correct it. The next start names the statement that deletes its "
						+ "row from the history table.";
	}

}
