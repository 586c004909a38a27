package io.github.headlock.background;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

import io.github.headlock.PrintableText;
import io.github.headlock.background.BackgroundActionException.Reason;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.ApplicationName;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells operators of background migrations, and does what they decide. Thread-safe.
 */
public final class BackgroundOperations {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundOperations.class);

	private final BackgroundMigrations migrations;

	private final MigrationConnections connections;

	private final HistoryTable history;

	private final BackgroundStore store;

	private final StatusQuery query;

	/**
	 * Creates it, and reads nothing.
	 * @param migrations the background migrations of this release
	 * @param connections connections of the role that migrates
	 * @param history the history table
	 */
	public BackgroundOperations(BackgroundMigrations migrations, MigrationConnections connections,
			HistoryTable history) {
		this.migrations = migrations;
		this.connections = connections;
		this.history = history;
		this.store = new BackgroundStore(history, MigrationLock.isHeldSql(history));
		this.query = new StatusQuery(migrations, this.store.tables());
	}

	/**
	 * Looks at all that this release declares or the database knows. Where nothing is
	 * declared and there are no tables, that is one short statement.
	 * @param connection the connection to look through, in autocommit mode, which may be
	 * lost
	 * @return what was found, with the reason if they cannot be read
	 */
	public BackgroundLook look(Connection connection) {
		try {
			return new BackgroundLook(this.query.read(connection), null);
		}
		catch (SQLException ex) {
			return unknown(MissingGrant.explain(ex, connection, this.store.tables(), "SELECT"));
		}
		catch (RuntimeException ex) {
			return unknown(ex);
		}
	}

	/**
	 * Tells what is known without the database.
	 * @param failure why it cannot be read
	 * @return those that this release declares, in a state that is not known
	 */
	public BackgroundLook unknown(Exception failure) {
		return unknown(RootCause.describe(failure));
	}

	private BackgroundLook unknown(String reason) {
		return new BackgroundLook(this.query.declared(BackgroundStatus.UNKNOWN),
				"The background migrations cannot be read: " + reason);
	}

	/**
	 * Does what an operator has decided, on a connection of its own.
	 * @param action what to do
	 * @param name name of the background migration
	 * @param who the operator, {@code null} if unknown
	 * @return what it has led to
	 * @throws BackgroundActionException if it was not done
	 */
	public BackgroundResult run(BackgroundAction action, String name, @Nullable String who) {
		try (Connection connection = connect()) {
			return run(connection, action, name, by(who));
		}
		catch (SQLException ex) {
			throw unreachable(ex);
		}
	}

	private Connection connect() throws SQLException {
		try {
			return open();
		}
		// such as of a data source that finds its target by the tenant of a request
		catch (RuntimeException ex) {
			throw unreachable(ex);
		}
	}

	private static BackgroundActionException unreachable(Exception failure) {
		return new BackgroundActionException(Reason.DATABASE,
				"The database cannot be reached: " + RootCause.describe(failure));
	}

	private Connection open() throws SQLException {
		Connection connection = this.connections.open();
		try {
			if (ServerFacts.isStandby(connection) && this.connections.preferPrimary()) {
				connection.close();
				connection = this.connections.open();
			}
			BackgroundConnection.prepare(connection);
			return connection;
		}
		catch (SQLException | RuntimeException ex) {
			connection.close();
			throw ex;
		}
	}

	private static String by(@Nullable String who) {
		String process = ApplicationName.ofThisProcess();
		return (who != null) ? PrintableText.name(who) + " via " + process : process;
	}

	private BackgroundResult run(Connection connection, BackgroundAction action, String name, String by) {
		try {
			BackgroundStatus before = status(connection, name);
			ensurePrimary(connection, action);
			BackgroundTrial trial = (action == BackgroundAction.TRY) ? tryBatch(connection, name) : null;
			BackgroundStatus after = (trial != null) ? before
					: Transactions.run(connection, () -> change(connection, action, name, by));
			logger.info("Background migration \"{}\": {}, as {} has asked for", after.name(),
					(trial != null) ? describe(trial) : action.done(), by);
			return new BackgroundResult(after, trial);
		}
		catch (SQLException ex) {
			throw new BackgroundActionException(Reason.DATABASE, String.format(Locale.ROOT, "%s of \"%s\" failed: %s",
					action, name,
					MissingGrant.explain(ex, connection, this.store.tables(), "SELECT, INSERT, UPDATE, DELETE")));
		}
	}

	private void ensurePrimary(Connection connection, BackgroundAction action) throws SQLException {
		if (ServerFacts.isStandby(connection)) {
			throw new BackgroundActionException(Reason.REFUSED,
					String.format(Locale.ROOT, "%s is a standby, where nothing can be changed. Ask for %s in a process "
							+ "that is connected to the primary", this.connections, action));
		}
	}

	private BackgroundStatus change(Connection connection, BackgroundAction action, String name, String by)
			throws SQLException {
		new StateChange(this.store, by).run(connection, action, name);
		return status(connection, name);
	}

	private static String describe(BackgroundTrial trial) {
		String done = trial.isCommitted() ? "one batch was worked on, and its code has committed it"
				: BackgroundAction.TRY.done();
		return String.format(Locale.ROOT, "%s after %s: %s", done, Stopwatch.seconds(trial.took()),
				(trial.problem() != null) ? trial.problem()
						: trial.changed() + " of " + trial.rows() + " rows would be changed");
	}

	private BackgroundStatus status(Connection connection, String name) throws SQLException {
		return this.query.read(connection)
			.stream()
			.filter((status) -> status.name().equals(name))
			.findFirst()
			.orElseThrow(() -> new BackgroundActionException(Reason.UNKNOWN, "There is no background migration \""
					+ name + "\": this release does not declare it, and the database does not know it"));
	}

	private BackgroundTrial tryBatch(Connection connection, String name) throws SQLException {
		BackgroundDefinition definition = this.migrations.find(name)
			.orElseThrow(() -> new BackgroundActionException(Reason.REFUSED,
					"This release does not declare the background migration \"" + name + "\", and cannot try it"));
		Progress progress = this.store.tables().exist(connection) ? this.store.read(connection, name) : null;
		return new BatchTrial(this.store, definition, this.migrations.settings().batchTimeout(), this.history.schema())
			.run(connection, progress);
	}

}
