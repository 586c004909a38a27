package io.github.headlock.migration;

import java.sql.SQLException;
import java.time.Duration;

import io.github.headlock.LockLostException;
import io.github.headlock.database.HistoryTable;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.Patience;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives way to another process that migrates although this one holds the migration lock:
 * it had the lock before, and lost it in the middle of a migration, or it does not know
 * the lock.
 */
final class Contest {

	private static final Logger logger = LoggerFactory.getLogger(Contest.class);

	/** Whoever changes the history so often without the lock will not stop. */
	private static final int MOST_CHANGES = 10;

	private final HistoryTable table;

	private final HeldLock lock;

	private final Duration pollInterval;

	private final Duration longestWait;

	private int changes;

	Contest(HistoryTable table, HeldLock lock, MigrationSettings settings) {
		this.table = table;
		this.lock = lock;
		this.pollInterval = settings.pollInterval();
		this.longestWait = settings.lockTimeout();
	}

	/**
	 * Returns, when the other process is out of the way, whether Flyway gave up because
	 * of one.
	 * @param failure why Flyway gave up
	 * @return {@code false} if it had another reason
	 * @throws LockLostException if the migration lock is not held any more, or the other
	 * process does not end
	 * @throws io.github.headlock.StartInterruptedException if this thread was interrupted
	 */
	boolean wasLost(FlywayException failure) {
		if (!(failure.getCause() instanceof StaleChoiceException stale)) {
			return false;
		}
		this.lock.ensureHeld();
		logger.warn("{}, although this one holds its migration lock. Looking again what is to be done",
				stale.getMessage());
		if (stale.isBusy()) {
			awaitEnd(stale);
		}
		else if (++this.changes > MOST_CHANGES) {
			throw LockLostException.contested(this.table.toString(), stale);
		}
		return true;
	}

	private void awaitEnd(StaleChoiceException stale) {
		Deadline deadline = Deadline.in(this.longestWait);
		try (Patience patience = new Patience("waiting for another process in a migration of " + this.table)) {
			while (isSomebodyInside()) {
				if (deadline.isOver()) {
					throw LockLostException.contested(this.table.toString(), stale);
				}
				patience.pauseAround(this.pollInterval, deadline.remaining());
			}
		}
	}

	private boolean isSomebodyInside() {
		try {
			return this.lock.fenceHolder().isPresent();
		}
		catch (SQLException ex) {
			this.lock.ensureHeld();
			logger.debug("Cannot look who is in a migration", ex);
			return true;
		}
	}

}
