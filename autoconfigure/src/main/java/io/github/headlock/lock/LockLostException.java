package io.github.headlock.lock;

import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.jdbc.RootCause;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the connection that holds the migration lock ended while this process was
 * migrating, or when another process migrates although this one holds the lock. What was
 * applied until then is recorded; no further migration was started. Exit code 14.
 */
public class LockLostException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final boolean contested;

	private final @Nullable LockHolder holder;

	/**
	 * Creates the exception.
	 * @param historyTable quoted and qualified name of the history table
	 * @param cause how the loss showed, {@code null} if the connection just stopped
	 * answering
	 */
	public LockLostException(String historyTable, @Nullable Throwable cause) {
		super(14,
				String.format(Locale.ROOT,
						"The connection that holds the migration lock of %s ended during the migration", historyTable),
				cause);
		this.contested = false;
		this.holder = null;
	}

	private LockLostException(Throwable cause, String message, @Nullable LockHolder holder) {
		super(14, message, cause);
		this.contested = true;
		this.holder = holder;
	}

	/**
	 * Creates the exception for a lock that is held and does not keep others away.
	 * @param historyTable quoted and qualified name of the history table
	 * @param cause how that showed
	 * @return the exception
	 */
	public static LockLostException contested(String historyTable, Throwable cause) {
		return new LockLostException(cause, String.format(Locale.ROOT,
				"Another process migrates %s, although this one holds its migration lock", historyTable), null);
	}

	/**
	 * Creates the exception for a lock that is held, while a session keeps the fence
	 * taken that is held within each migration.
	 * @param historyTable quoted and qualified name of the history table
	 * @param holder who held the fence at the last look
	 * @param cause how that showed
	 * @return the exception
	 */
	public static LockLostException contestedBy(String historyTable, LockHolder holder, Throwable cause) {
		return new LockLostException(cause, String.format(Locale.ROOT,
				"Another session is in a migration of %s, or keeps its fence taken, although this one holds its migration lock: %s",
				historyTable, holder), holder);
	}

	/**
	 * Returns who held the fence at the last look.
	 * @return the holder, {@code null} if it was not the fence that kept this process
	 * away
	 */
	public @Nullable LockHolder getHolder() {
		return this.holder;
	}

	/**
	 * Returns whether the lock is held, and does not keep another process away.
	 * @return {@code false} if the connection that held the lock ended
	 */
	public boolean isContested() {
		return this.contested;
	}

	@Override
	public String getDescription() {
		String why = (getCause() != null && !this.contested) ? " (" + RootCause.describe(getCause()) + ")" : "";
		return getMessage() + why + ". What was applied until then is recorded, and no further migration was started.";
	}

	@Override
	public String getAction() {
		if (this.holder != null) {
			return String.format(Locale.ROOT,
					"If it is a migration that is still running, wait for its end and start again. Otherwise "
							+ "%s ends it, and frees the fence with it; then find out why "
							+ "its role takes an advisory lock of the history table.",
					(this.holder.preparedTransaction() != null) ? "ROLLBACK PREPARED"
							: "pg_terminate_backend(" + this.holder.pid() + ")");
		}
		if (this.contested) {
			return "Find what writes to the history table, in pg_stat_activity and in what else migrates this database: a "
					+ "tool that takes another lock, or none. Then start again.";
		}
		return "Start again; the remaining migrations are then applied. If it happens again, look in the log of the "
				+ "server and of the pooler for restarts and for what ends idle transactions, or set spring.flyway.url "
				+ "to the database itself.";
	}

}
