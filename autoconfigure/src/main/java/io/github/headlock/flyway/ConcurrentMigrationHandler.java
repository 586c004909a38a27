package io.github.headlock.flyway;

import java.sql.SQLException;
import java.time.Duration;

import io.github.headlock.flyway.RunResult.Overtaken;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.ReportInterval;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives way to another process that migrates although this one holds the migration lock:
 * it had the lock before, and lost it in the middle of a migration, or it does not know
 * the lock.
 */
final class ConcurrentMigrationHandler {

	private static final Logger logger = LoggerFactory.getLogger(ConcurrentMigrationHandler.class);

	/** Whoever changes the history so often without the lock will not stop. */
	private static final int MOST_CHANGES = 10;

	private final HistoryTable table;

	private final HeldLock lock;

	private final Duration pollInterval;

	private final Duration longestWait;

	/** Changes since the last migration of this process. */
	private int changes;

	/** Who was in a migration at the last look. */
	private @Nullable LockHolder inside;

	ConcurrentMigrationHandler(HistoryTable table, HeldLock lock, FlywayRunSettings settings) {
		this.table = table;
		this.lock = lock;
		this.pollInterval = settings.pollInterval();
		this.longestWait = settings.longestWait();
	}

	/**
	 * Waits until the other process is out of the way.
	 * @param overtaken what was seen of it
	 * @throws LockLostException if the migration lock is not held any more, or the other
	 * process does not end, or changes the history again and again
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	void giveWay(Overtaken overtaken) {
		this.lock.ensureHeld();
		ConcurrentMigrationException seen = overtaken.cause();
		logger.warn("{}, although this one holds its migration lock. Looking again what is to be done",
				seen.getMessage());
		if (overtaken.applied() > 0) {
			this.changes = 0;
		}
		if (seen.isBusy()) {
			awaitEnd(seen);
		}
		else if (++this.changes > MOST_CHANGES) {
			throw LockLostException.contested(this.table.toString(), seen);
		}
	}

	private void awaitEnd(ConcurrentMigrationException seen) {
		Deadline deadline = Deadline.in(this.longestWait);
		ReportInterval reports = ReportInterval.fromTheBeginning();
		try (Backoff backoff = new Backoff("waiting for another process in a migration of " + this.table)) {
			while (isSomebodyInside()) {
				Duration waited = deadline.stopwatch().elapsed();
				if (reports.isDue(waited)) {
					report(waited, deadline);
				}
				if (deadline.isOver()) {
					throw (this.inside != null)
							? LockLostException.contestedBy(this.table.toString(), this.inside, seen)
							: LockLostException.contested(this.table.toString(), seen);
				}
				backoff.sleepWithJitter(this.pollInterval, deadline.remaining());
			}
		}
	}

	private void report(Duration waited, Deadline deadline) {
		logger.info("Waiting for the end of another migration of {} for {} (at most {}); its fence is held by {}",
				this.table, Stopwatch.seconds(waited), deadline,
				(this.inside != null) ? this.inside : "a session that cannot be read");
	}

	private boolean isSomebodyInside() {
		try {
			this.inside = this.lock.fenceHolder().orElse(null);
			return this.inside != null;
		}
		catch (SQLException ex) {
			this.lock.ensureHeld();
			logger.debug("Cannot read which session is in a migration", ex);
			return true;
		}
	}

}
