package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

import io.github.headlock.background.BackgroundActionException.Reason;

/**
 * Changes the state of a background migration for an operator, in the transaction of its
 * connection.
 *
 * @param store the state
 * @param by who does it
 */
record StateChange(BackgroundStore store, String by) {

	/** Of the later states that this release does not know, none is changed. */
	private static final String CHANGE = """
			UPDATE %s SET %s, updated_at = pg_catalog.clock_timestamp(), updated_by = ?::text \
			WHERE name = ?::text AND state IN (%s)""";

	private static final String WORKED_ON = "'running', 'finalizing'";

	/**
	 * Does it.
	 * @param connection the connection, in a transaction
	 * @param action what to do
	 * @param name name of the migration
	 * @throws BackgroundActionException if it does not fit the state
	 * @throws SQLException if the connection is lost or a privilege is missing
	 */
	void run(Connection connection, BackgroundAction action, String name) throws SQLException {
		Progress progress = this.store.tables().exist(connection) ? this.store.lock(connection, name) : null;
		if (progress == null) {
			throw refusal(action, name, "not registered yet by a process that works on it or migrates");
		}
		boolean done = switch (action) {
			case PAUSE -> change(connection, name, "state = 'paused', full_speed = false", WORKED_ON);
			case RESUME -> change(connection, name, "state = 'running', full_speed = false", "'paused'");
			case RETRY -> retry(connection, progress);
			case FINALIZE -> !progress.fullSpeed()
					&& change(connection, name, HoldStore.NONE + ", full_speed = true, next_at = NULL", WORKED_ON);
			case TRY -> throw new IllegalArgumentException("It changes no state");
		};
		if (!done) {
			throw refusal(action, name, progress.state()
					+ ((action == BackgroundAction.FINALIZE && progress.fullSpeed()) ? " at full speed" : ""));
		}
	}

	private boolean change(Connection connection, String name, String assignments, String states) throws SQLException {
		return Statements.update(connection,
				String.format(Locale.ROOT, CHANGE, this.store.tables().progress(), assignments, states), this.by,
				name) > 0;
	}

	/**
	 * What has failed is behind the present pass: the look at its end finds it, which
	 * follows at once if there is nothing else to do in it.
	 */
	private boolean retry(Connection connection, Progress progress) throws SQLException {
		boolean failed = progress.state() == BackgroundState.FAILED;
		if (!failed && this.store.batches().countFailed(connection, progress.name()) == 0) {
			return false;
		}
		this.store.batches().forgetFailedRows(connection, progress.name());
		return change(connection, progress.name(), "state = CASE state WHEN 'failed' THEN 'running' ELSE state END, "
				+ "last_error = NULL, next_at = NULL", "'failed', " + WORKED_ON);
	}

	private static BackgroundActionException refusal(BackgroundAction action, String name, String state) {
		return new BackgroundActionException(Reason.REFUSED, String.format(Locale.ROOT,
				"%s is for a background migration that is %s; \"%s\" is %s", action, action.suits(), name, state));
	}

}
