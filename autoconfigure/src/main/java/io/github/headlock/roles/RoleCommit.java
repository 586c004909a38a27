package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.PeriodicTask;
import io.github.headlock.waiting.Stopwatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits transactions that alter roles. After an answer that did not come it makes sure
 * that the transaction is over, so that what is read then is what came of it.
 */
final class RoleCommit {

	private static final Logger logger = LoggerFactory.getLogger(RoleCommit.class);

	/** Shorter than any statement on these connections may take. */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	/** For each COMMIT after one that was waiting for that long. */
	private static final Duration SHORT_PATIENCE = Duration.ofMillis(500);

	/** Whoever is blocked later needs another start, so take the time. */
	private static final Duration END_TIMEOUT = Duration.ofMinutes(1);

	private static final Duration PAUSE = Duration.ofMillis(200);

	private final MigrationConnections connections;

	private final RoleBlockers blockers;

	private volatile Duration patience = PATIENCE;

	/**
	 * Prepares to commit.
	 * @param connections where to open connections beside the one that commits
	 * @param blockers over whose connection a wait for a standby is ended
	 */
	RoleCommit(MigrationConnections connections, RoleBlockers blockers) {
		this.connections = connections;
		this.blockers = blockers;
	}

	/**
	 * Commits. If that waits for a synchronous standby for several seconds, the wait is
	 * ended, and the transaction is committed on this server.
	 * @param connection the connection
	 * @param transaction the transaction that is open on it
	 * @throws UnknownOutcomeException if the answer did not come, and the transaction may
	 * not be over
	 * @throws SQLException if it did not succeed, or the answer did not come; the
	 * transaction is over then, committed or not
	 */
	void commit(Connection connection, OpenTransaction transaction) throws SQLException {
		Duration bound = this.patience;
		PeriodicTask watch = new PeriodicTask("headlock-role-commit", bound, () -> endWait(transaction, bound));
		try {
			connection.commit();
		}
		catch (SQLException ex) {
			if (ConnectionFailure.lost(ex) != null) {
				end(transaction, ex);
			}
			throw ex;
		}
		finally {
			watch.close();
		}
	}

	private void endWait(OpenTransaction transaction, Duration waited) {
		try {
			if (endedWait(transaction)) {
				this.patience = SHORT_PATIENCE;
				logger.warn(
						"A change of roles waited for a synchronous standby for more than {}, and does not any longer: "
								+ "it is committed on this server, and a failover may undo it",
						Stopwatch.seconds(waited));
			}
		}
		catch (SQLException ex) {
			logger.warn(
					"A change of roles has no answer after {}; whether it waits for a synchronous standby cannot be "
							+ "found out, or such a wait cannot be ended: {}",
					Stopwatch.seconds(waited), RootCause.describe(ex));
		}
	}

	private boolean endedWait(OpenTransaction transaction) throws SQLException {
		try {
			return this.blockers.read(transaction::endWaitForStandby);
		}
		catch (SQLException ex) {
			if (!ConnectionFailure.mayPass(ex)) {
				throw ex;
			}
			try (Connection other = this.connections.open()) {
				return transaction.endWaitForStandby(other);
			}
		}
	}

	private void end(OpenTransaction transaction, SQLException failure) throws UnknownOutcomeException {
		boolean interrupted = false;
		try {
			Deadline deadline = Deadline.in(END_TIMEOUT);
			while (!isOver(transaction, failure)) {
				if (deadline.isOver()) {
					throw new UnknownOutcomeException(transaction.pid(), failure);
				}
				interrupted |= Thread.interrupted();
				LockSupport.parkNanos(PAUSE.toNanos());
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/** Ends its session if it is not. */
	private boolean isOver(OpenTransaction transaction, SQLException failure) {
		try (Connection other = this.connections.open()) {
			if (transaction.isOver(other)) {
				return true;
			}
			if (!PgpoolCheck.isBetween(other)) {
				transaction.terminate(other);
			}
			return transaction.isOver(other);
		}
		catch (SQLException ex) {
			if (failure.getSuppressed().length == 0) {
				failure.addSuppressed(ex);
			}
			return false;
		}
	}

}
