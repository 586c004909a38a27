package io.github.headlock.session;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.database.ConnectionFailure;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.waiting.Deadline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a short transaction that alters roles, on a connection of its own, again and again
 * while somebody else is in its way: two transactions cannot alter one role at a time. Is
 * not interrupted, because what it ends must not stay half done.
 */
final class RoleTransaction {

	private static final Logger logger = LoggerFactory.getLogger(RoleTransaction.class);

	private static final Duration PAUSE = Duration.ofMillis(200);

	/**
	 * A role altered by two ("tuple concurrently updated" is an internal error), a lock
	 * not had in time, serialization failure, deadlock, and a journal that another
	 * process has just dropped.
	 */
	private static final Set<String> CONFLICTS = Set.of("XX000", "55P03", "40001", "40P01", "42P01");

	private final MigrationConnections connections;

	RoleTransaction(MigrationConnections connections) {
		this.connections = connections;
	}

	/**
	 * Runs the work and commits.
	 * @param timeout bound of the repetitions
	 * @param work the work
	 * @return what the work returns
	 * @throws SQLException if it did not succeed in time, or was refused
	 */
	<T> T run(Duration timeout, Work<T> work) throws SQLException {
		Deadline deadline = Deadline.in(timeout);
		boolean interrupted = Thread.interrupted();
		boolean warned = false;
		try {
			while (true) {
				try {
					return runOnce(work);
				}
				catch (SQLException ex) {
					interrupted |= Thread.interrupted();
					if (deadline.isOver() || !isWorthAnotherTry(ex)) {
						throw ex;
					}
					if (!warned) {
						warned = true;
						logger.warn("Roles cannot be altered yet, trying again for at most {}: {}", deadline,
								ex.getMessage());
					}
					LockSupport.parkNanos(PAUSE.toNanos());
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private static boolean isWorthAnotherTry(SQLException exception) {
		String state = exception.getSQLState();
		return ConnectionFailure.is(exception) || (state != null && CONFLICTS.contains(state));
	}

	private <T> T runOnce(Work<T> work) throws SQLException {
		try (Connection connection = this.connections.open()) {
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				// a database's or a role's defaults may be otherwise
				statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE");
				statement.execute("SET LOCAL lock_timeout = '5s'");
			}
			T result = work.run(connection);
			connection.commit();
			return result;
		}
	}

	/**
	 * What happens in the transaction.
	 *
	 * @param <T> what it results in
	 */
	interface Work<T> {

		T run(Connection connection) throws SQLException;

	}

}
