package io.github.headlock.schema;

import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;

/**
 * Thrown when row level security may hide rows of the history table from the role that
 * migrates, so that it cannot be told what was applied. Nothing was changed. Exit code
 * 11.
 */
public class HistoryHiddenException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String table;

	private final String role;

	/**
	 * Creates the exception.
	 * @param table quoted and qualified name of the history table
	 * @param role name of the role that migrates
	 */
	public HistoryHiddenException(String table, String role) {
		super(11, String.format(Locale.ROOT, "Row level security may hide rows of %s from role \"%s\"",
				PrintableText.line(table), PrintableText.name(role)), null);
		this.table = PrintableText.line(table);
		this.role = PrintableText.name(role);
	}

	@Override
	public String getDescription() {
		return getMessage() + ", and Flyway would apply again what it does not see. Nothing was changed.";
	}

	@Override
	public String getAction() {
		return String.format(Locale.ROOT,
				"Migrate as the owner of the table (spring.flyway.user), or let the role see all rows: "
						+ "ALTER ROLE \"%s\" BYPASSRLS; or ALTER TABLE %s DISABLE ROW LEVEL SECURITY;",
				this.role.replace("\"", "\"\""), this.table);
	}

}
