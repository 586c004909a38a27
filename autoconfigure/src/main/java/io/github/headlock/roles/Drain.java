package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.ReportInterval;
import io.github.headlock.waiting.Stopwatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until the sessions of the blocked roles are gone, and ends them if it may.
 */
final class Drain {

	private static final Logger logger = LoggerFactory.getLogger(Drain.class);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(150);

	/**
	 * Not bounded by the deadline: a look that finds none is to be followed by another.
	 */
	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	/**
	 * A session that was past the check of its role when the block was committed shows up
	 * a moment later, so one look that finds none is not enough.
	 */
	private static final int EMPTY_LOOKS = 2;

	private final RoleSessions sessions;

	private final boolean terminating;

	private final Deadline deadline;

	private final Set<String> terminated = new HashSet<>();

	private final ReportInterval reports = ReportInterval.afterTheFirst();

	/**
	 * Prepares to wait for the end of sessions.
	 * @param sessions the sessions
	 * @param terminating whether to end them
	 * @param terminated what identifies those that were told to end before
	 * @param timeout longest wait
	 */
	Drain(RoleSessions sessions, boolean terminating, Set<String> terminated, Duration timeout) {
		this.sessions = sessions;
		this.terminating = terminating;
		this.terminated.addAll(terminated);
		this.deadline = Deadline.in(timeout);
	}

	/**
	 * Waits until no session is left.
	 * @param connection a connection in autocommit mode
	 * @param lock the migration lock, which must stay held
	 * @return number of sessions that were terminated
	 * @throws SessionsNotDrainedException if sessions were left in the end
	 * @throws io.github.headlock.lock.LockLostException if the lock was lost
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	int await(Connection connection, HeldLock lock) throws SQLException {
		try (Backoff backoff = new Backoff("waiting for the application's sessions to end")) {
			int emptyLooks = 0;
			while (true) {
				lock.ensureHeld();
				emptyLooks = isEmpty(connection) ? emptyLooks + 1 : 0;
				if (emptyLooks == EMPTY_LOOKS) {
					return this.terminated.size();
				}
				if (this.deadline.isOver() && emptyLooks == 0) {
					giveUp(connection);
				}
				report(connection);
				backoff.sleepWithJitter(POLL_INTERVAL, LONGEST_PAUSE);
			}
		}
	}

	private boolean isEmpty(Connection connection) throws SQLException {
		List<?> found;
		if (this.terminating) {
			List<String> told = this.sessions.terminate(connection);
			this.terminated.addAll(told);
			found = told;
		}
		else {
			found = this.sessions.list(connection);
		}
		return found.isEmpty() && this.sessions.preparedTransactions(connection).isEmpty();
	}

	private void giveUp(Connection connection) throws SQLException {
		List<DatabaseSession> left = this.sessions.list(connection);
		List<String> prepared = this.sessions.preparedTransactions(connection);
		if (!left.isEmpty() || !prepared.isEmpty()) {
			throw new SessionsNotDrainedException(this.deadline.timeout(), this.terminating, left, prepared);
		}
	}

	private void report(Connection connection) throws SQLException {
		Duration waited = this.deadline.stopwatch().elapsed();
		if (!this.reports.isDue(waited)) {
			return;
		}
		List<DatabaseSession> left = this.sessions.list(connection);
		logger.info("Waiting for {} sessions to end for {} (at most {}); the oldest: {}", left.size(),
				Stopwatch.seconds(waited), this.deadline, left.isEmpty() ? "none" : left.get(0));
	}

}
