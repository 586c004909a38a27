package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.IntConsumer;

import io.github.headlock.PrintableText;
import io.github.headlock.history.HistorySnapshot;
import io.github.headlock.history.HistoryTable;
import io.github.headlock.lock.HeldLock;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.jspecify.annotations.Nullable;

/**
 * Lets one process at a time be in a migration of a history table, even if two believe
 * that they hold the migration lock: one of them was stopped for a while, or has not
 * noticed yet that the lock's connection is gone.
 * <p>
 * Each migration takes a second lock in its own transaction. Under it, the history is
 * looked at once more: if it is no longer what Flyway chose the migration by, another
 * process has migrated, and the migration is not begun.
 */
final class Fence implements Callback {

	private final HistoryTable table;

	private final HeldLock lock;

	private final FenceLock fence;

	private final IntConsumer onSession;

	private boolean historyExists;

	/** What the history is when nobody else has changed it since Flyway last chose. */
	private HistorySnapshot expected = HistorySnapshot.NONE;

	/** Migrations that were begun since Flyway last chose. */
	private int begun;

	/** Whether Flyway has created and baselined what it creates before any migration. */
	private boolean beyondSetup;

	private int applied;

	private volatile @Nullable RunningMigration running;

	/**
	 * Prepares a fence.
	 * @param table the history table
	 * @param lock the migration lock, which this process believes to hold
	 * @param fence the second lock
	 * @param onSession is told the process id of each migration's session, where that is
	 * its own
	 */
	Fence(HistoryTable table, HeldLock lock, FenceLock fence, IntConsumer onSession) {
		this.table = table;
		this.lock = lock;
		this.fence = fence;
		this.onSession = onSession;
	}

	/**
	 * To be called when Flyway asks for its lock: it is about to read the history, to
	 * choose what to do next. What the history is follows from what it was before the
	 * first migration, and what this process has added since.
	 * @throws io.github.headlock.lock.LockLostException if the migration lock is not held
	 * any more
	 */
	void onLockRequested() {
		if (this.beyondSetup) {
			// of a connection that has fallen silent, the server knows nothing
			this.lock.ensureHeld();
			this.expected = this.expected.plus(this.begun);
		}
		else {
			this.expected = mark();
		}
		this.applied += this.begun;
		this.begun = 0;
		this.running = null;
	}

	/**
	 * To be called when Flyway frees its lock: what it has chosen is done and recorded,
	 * or has failed.
	 */
	void onLockReleased() {
		this.fence.leave();
	}

	/**
	 * Takes note that Flyway has given up.
	 * @return the migration that was under way, {@code null} if none was
	 */
	@Nullable RunningMigration givenUp() {
		RunningMigration interrupted = this.running;
		this.begun = 0;
		this.running = null;
		return interrupted;
	}

	/**
	 * Returns how many migrations were applied before Flyway last chose.
	 * @return the number
	 */
	int applied() {
		return this.applied;
	}

	/**
	 * Returns the migration that is under way. May be called on any thread.
	 * @return the migration, {@code null} if none is
	 */
	@Nullable RunningMigration running() {
		return this.running;
	}

	@Override
	public boolean supports(Event event, Context context) {
		return event == Event.BEFORE_EACH_MIGRATE;
	}

	@Override
	public boolean canHandleInTransaction(Event event, Context context) {
		return true;
	}

	@Override
	public void handle(Event event, Context context) {
		try {
			enter(context.getMigrationInfo().getScript(), context.getConnection());
		}
		catch (SQLException ex) {
			throw new FlywayException(
					"The fence of " + this.table + " cannot be used: " + PrintableText.line(ex.getMessage()), ex);
		}
	}

	private void enter(String script, Connection connection) throws SQLException {
		FenceEntry entry = this.fence.take(connection)
			.orElseThrow(
					() -> new ConcurrentMigrationException("Another process is in a migration of " + this.table, true));
		this.lock.ensureSeen(entry.isLockHeld());
		boolean transactional = !connection.getAutoCommit();
		// A group is inside since its first migration, and may have changed the history
		// itself.
		if ((!transactional || this.begun == 0) && !history(entry).equals(this.expected.plus(this.begun))) {
			String who = (this.applied > 0) ? "Another process, or a migration itself," : "Another process";
			throw new ConcurrentMigrationException(who + " has changed " + this.table, false);
		}
		if (this.fence.isOwnSession()) {
			this.onSession.accept(entry.pid());
		}
		this.begun++;
		this.beyondSetup = true;
		this.running = new RunningMigration(script, entry.pid(), transactional);
	}

	/**
	 * The migration's connection may have an older snapshot, where the isolation is not
	 * read committed; that of the lock sees what is committed by now.
	 */
	private HistorySnapshot history(FenceEntry entry) {
		return entry.isHistoryCurrent() ? entry.history() : mark();
	}

	private HistorySnapshot mark() {
		try {
			return this.lock.read((connection) -> {
				this.historyExists = this.historyExists || HistorySnapshot.exists(connection, this.table);
				return this.historyExists ? HistorySnapshot.read(connection, this.table) : HistorySnapshot.NONE;
			});
		}
		catch (SQLException ex) {
			this.lock.ensureHeld();
			throw new FlywayException(
					"The history in " + this.table + " cannot be read: " + PrintableText.line(ex.getMessage()), ex);
		}
	}

	/**
	 * Flyway sorts callbacks by name, and those of the same name stay in their order. A
	 * script such as {@code beforeEachMigrate.sql} has an empty one.
	 */
	@Override
	public String getCallbackName() {
		return "";
	}

}
