package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what is under way without the lock if it will never come to its end: the network
 * that swallowed the lock's connection may have swallowed the migration's as well, and
 * nobody would ever answer or refuse.
 * <p>
 * A migration that the server still works on is left alone.
 */
final class LockLossWatchdog implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(LockLossWatchdog.class);

	/** Once may be a server or a pooler that starts again. */
	private static final int MOST_FAILURES = 2;

	private static final String IS_ALIVE = """
			/*NO LOAD BALANCE*/ SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a \
			WHERE a.pid OPERATOR(pg_catalog.=) ?::int)""";

	private final MigrationConnections connections;

	private final Fence fence;

	private final Runnable cancellation;

	private int failures;

	private boolean ended;

	/**
	 * Creates the watchdog.
	 * @param connections where to ask
	 * @param fence knows what is under way
	 * @param cancellation ends it
	 */
	LockLossWatchdog(MigrationConnections connections, Fence fence, Runnable cancellation) {
		this.connections = connections;
		this.fence = fence;
		this.cancellation = cancellation;
	}

	/** Looks once. To be run from time to time when the lock is lost. */
	@Override
	public void run() {
		if (this.ended) {
			return;
		}
		RunningMigration running = this.fence.running();
		try (Connection connection = this.connections.open()) {
			this.failures = 0;
			if (running != null && !isAlive(connection, running.pid())) {
				end("the server does not know its session any more");
			}
		}
		catch (SQLException ex) {
			if (!ConnectionFailure.isAnswer(ex) && ++this.failures >= MOST_FAILURES) {
				end("the database does not answer: " + RootCause.explain(ex));
			}
		}
	}

	private static boolean isAlive(Connection connection, int pid) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(IS_ALIVE)) {
			statement.setInt(1, pid);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

	private void end(String reason) {
		logger.warn("Cancelling the migration that runs without its lock, because {}", reason);
		this.cancellation.run();
		this.ended = true;
	}

}
