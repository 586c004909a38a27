package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalInt;

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

	private boolean historyExists;

	private HistorySnapshot chosenBy = HistorySnapshot.NONE;

	/** Migrations that were begun since Flyway last chose. */
	private int begun;

	private int applied;

	private volatile @Nullable RunningMigration running;

	/**
	 * Prepares a fence.
	 * @param table the history table
	 * @param lock the migration lock, which this process believes to hold
	 * @param fence the second lock
	 */
	Fence(HistoryTable table, HeldLock lock, FenceLock fence) {
		this.table = table;
		this.lock = lock;
		this.fence = fence;
	}

	/**
	 * To be called when Flyway asks for its lock: it is about to read the history, to
	 * choose what to do next.
	 * @throws io.github.headlock.lock.LockLostException if the migration lock is not held
	 * any more
	 */
	void onLockRequested() {
		this.applied += this.begun;
		this.begun = 0;
		this.running = null;
		this.chosenBy = mark();
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
		OptionalInt pid = this.fence.take(connection);
		if (pid.isEmpty()) {
			throw new ConcurrentMigrationException("Another process is in a migration of " + this.table, true);
		}
		boolean transactional = !connection.getAutoCommit();
		if (transactional && this.begun > 0) {
			// A group is inside since its first migration, and may have locked the
			// history itself.
			this.lock.ensureHeld();
		}
		// By the lock's connection, which sees what is committed by now; the migration's
		// may have an older snapshot, where the default isolation is repeatable read.
		else if (!mark().equals(this.chosenBy.plus(this.begun))) {
			throw new ConcurrentMigrationException("Another process has changed " + this.table, false);
		}
		this.begun++;
		this.running = new RunningMigration(script, pid.getAsInt(), transactional);
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
