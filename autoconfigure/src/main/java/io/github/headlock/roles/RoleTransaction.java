package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.ReadConnection;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.ReportInterval;
import io.github.headlock.waiting.PeriodicTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs short transactions that alter roles, again and again while the server is crowded
 * or another transaction alters them: two transactions cannot alter one role at a time.
 * An interrupt waits until it is over, because what is ended here must not stay half
 * done.
 */
final class RoleTransaction {

	private static final Logger logger = LoggerFactory.getLogger(RoleTransaction.class);

	private static final Duration PAUSE = Duration.ofMillis(200);

	/**
	 * A role altered by two ("tuple concurrently updated" is an internal error), a lock
	 * not had in time, serialization failure, deadlock, and a journal that another
	 * process has just dropped, which a read may have found, or is just creating.
	 */
	private static final Set<String> CONFLICTS = Set.of("XX000", "55P03", "40001", "40P01", "42P01", "25P02", "23505",
			"42P07");

	/** Those of them that pass even if a trigger meets them. */
	private static final Set<String> CONFLICTS_ANYWHERE = Set.of("55P03", "40001", "40P01");

	private final Source source;

	/** Whether a lost connection can be replaced. */
	private final boolean opening;

	private final Deadline deadline;

	private final RoleBlockers blockers;

	private final RoleCommit commit;

	private final ReportInterval reports = ReportInterval.fromTheBeginning();

	private RoleTransaction(Source source, boolean opening, MigrationConnections connections, Duration timeout,
			RoleBlockers blockers) {
		this.source = source;
		this.opening = opening;
		this.deadline = Deadline.in(timeout);
		this.blockers = blockers;
		this.commit = new RoleCommit(connections, blockers);
	}

	/**
	 * Prepares transactions that open a connection each.
	 * @param connections where to open it
	 * @param timeout bound of all repetitions together
	 * @param blockers looks which sessions block it
	 */
	static RoleTransaction opening(MigrationConnections connections, Duration timeout, RoleBlockers blockers) {
		return new RoleTransaction(connections::open, true, connections, timeout, blockers);
	}

	/**
	 * Prepares transactions on one connection, which stays open.
	 * @param connection the connection
	 * @param connections where to open another one to end a transaction without an answer
	 * @param timeout bound of all repetitions together
	 * @param blockers looks which sessions block it
	 */
	static RoleTransaction on(Connection connection, MigrationConnections connections, Duration timeout,
			RoleBlockers blockers) {
		return new RoleTransaction(() -> ReadConnection.lent(connection), false, connections, timeout, blockers);
	}

	/**
	 * Runs the work and commits. If the answer to that is lost, the transaction is over
	 * afterwards.
	 * @param work the work
	 * @return what the work returns
	 * @throws UnknownOutcomeException if the transaction may not be over
	 * @throws SQLException if it did not succeed in time, or was refused; if somebody was
	 * blocking it, the message names the sessions
	 */
	<T> T run(Work<T> work) throws SQLException {
		return run((connection) -> true, (connection, looked) -> work.run(connection));
	}

	/**
	 * Takes a look in autocommit mode, runs the work in a transaction, and commits.
	 * @param look the look, once for each transaction, on its connection
	 * @param work the work
	 * @return what the work returns
	 * @throws SQLException as above
	 */
	<L, T> T run(Work<L> look, WorkAfterLook<L, T> work) throws SQLException {
		boolean interrupted = false;
		try {
			while (true) {
				interrupted |= Thread.interrupted();
				try {
					return runOnce(look, work);
				}
				catch (SQLException ex) {
					if (this.deadline.isOver() || !isWorthAnotherTry(ex)) {
						throw withNames(ex);
					}
					warn(ex);
					LockSupport.parkNanos(pause(ex).toNanos());
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * Returns whether a transaction failed only because of others at the same time.
	 * @param failure why it failed
	 * @return {@code false} if another try would fail as well
	 */
	static boolean isConflict(SQLException failure) {
		Set<String> conflicts = EventTriggers.isOfTrigger(failure) ? CONFLICTS_ANYWHERE : CONFLICTS;
		return failure.getSQLState() != null && conflicts.contains(failure.getSQLState());
	}

	private boolean isWorthAnotherTry(SQLException exception) {
		if (exception instanceof UnknownOutcomeException) {
			return false;
		}
		return (this.opening && ConnectionFailure.mayPass(exception)) || isConflict(exception)
				|| exception.getCause() instanceof InterruptedException || Thread.currentThread().isInterrupted();
	}

	private Duration pause(SQLException failure) {
		Duration pause = PAUSE.plus(ConnectionFailure.of(failure).shortestPause());
		return (pause.compareTo(this.deadline.remaining()) < 0) ? pause : PAUSE;
	}

	private void warn(SQLException failure) {
		if (this.reports.isDue(this.deadline.stopwatch().elapsed())) {
			logger.warn("Roles cannot be altered yet, trying again for at most {}: {}", this.deadline,
					RootCause.explain(withNames(failure)));
		}
	}

	/** Beside the first line, without where in the catalog it was. */
	private SQLException withNames(SQLException failure) {
		List<DatabaseSession> inTheWay = this.blockers.seen();
		if (inTheWay.isEmpty() || failure instanceof UnknownOutcomeException) {
			return failure;
		}
		String firstLine = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
		return new SQLException(firstLine + "; blocked by: " + inTheWay, failure.getSQLState(), failure);
	}

	private <L, T> T runOnce(Work<L> look, WorkAfterLook<L, T> work) throws SQLException {
		try (Connection connection = this.source.open()) {
			L looked = look.run(connection);
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				// a database's or a role's defaults may be otherwise
				statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE");
				statement.execute(OwnSearchPath.REMEMBER);
				statement.execute(OwnSearchPath.HIDE);
				statement.execute("SET LOCAL lock_timeout = '5s'");
				statement.execute("SET LOCAL statement_timeout = 0");
				// a process that is stopped here must not keep the role's row locked
				statement.execute("SET LOCAL idle_in_transaction_session_timeout = '10s'");
			}
			OpenTransaction transaction = OpenTransaction.on(connection);
			T result;
			PeriodicTask watch = this.blockers.watch(transaction.pid());
			try {
				result = work.run(connection, looked);
			}
			finally {
				watch.close();
			}
			this.commit.commit(connection, transaction);
			return result;
		}
	}

	/**
	 * What happens in the transaction, or before it.
	 *
	 * @param <T> what it results in
	 */
	interface Work<T> {

		T run(Connection connection) throws SQLException;

	}

	/**
	 * What happens in the transaction, with what was seen before it.
	 *
	 * @param <L> what was seen
	 * @param <T> what it results in
	 */
	interface WorkAfterLook<L, T> {

		T run(Connection connection, L looked) throws SQLException;

	}

	/**
	 * Where a transaction takes its connection.
	 */
	private interface Source {

		/** A connection in autocommit mode, which the caller closes. */
		Connection open() throws SQLException;

	}

}
