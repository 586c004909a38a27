package io.github.headlock.flyway;

import io.github.headlock.PrintableText;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/**
 * Tells of which run of Flyway an error is, among the suppressed exceptions of that
 * error. Has no stack trace of its own.
 */
public final class FailedFlywayRun extends Exception {

	private static final long serialVersionUID = 1L;

	private final String historyTable;

	private final String role;

	private final boolean group;

	/**
	 * Creates the description of a run.
	 * @param historyTable quoted and qualified name of the history table
	 * @param role name of the role that migrated
	 * @param group whether pending migrations run in one transaction, if all of them can
	 */
	public FailedFlywayRun(String historyTable, String role, boolean group) {
		super("Migration of " + PrintableText.name(historyTable) + " as role " + PrintableText.name(role), null, false,
				false);
		this.historyTable = historyTable;
		this.role = role;
		this.group = group;
	}

	/**
	 * Finds the run that an error is of.
	 * @param failure Flyway's error
	 * @return the run, {@code null} if it was not one under the migration lock
	 */
	public static @Nullable FailedFlywayRun of(FlywayException failure) {
		for (Throwable suppressed : failure.getSuppressed()) {
			if (suppressed instanceof FailedFlywayRun run) {
				return run;
			}
		}
		return null;
	}

	/**
	 * Returns the history table.
	 * @return its quoted and qualified name
	 */
	public String getHistoryTable() {
		return this.historyTable;
	}

	/**
	 * Returns the role that migrated.
	 * @return its name
	 */
	public String getRole() {
		return this.role;
	}

	/**
	 * Returns whether pending migrations run in one transaction, if all of them can.
	 * @return the value of {@code spring.flyway.group}
	 */
	public boolean isGroup() {
		return this.group;
	}

}
