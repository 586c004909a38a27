package io.github.headlock;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the connection that holds the migration lock ended while this process was
 * migrating. What was applied until then is recorded; no further migration was started.
 * Exit code 14.
 */
public class LockLostException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param historyTable quoted and qualified name of the history table
	 * @param cause how the loss showed, {@code null} if the connection just stopped
	 * answering
	 */
	public LockLostException(String historyTable, @Nullable Throwable cause) {
		super(14,
				"The connection that holds the migration lock of %s ended during the migration".formatted(historyTable),
				cause);
	}

	private LockLostException(Throwable cause, String message) {
		super(14, message, cause);
	}

	/**
	 * Creates the exception for a lock that is held and does not keep others away.
	 * @param historyTable quoted and qualified name of the history table
	 * @param cause how that showed
	 * @return the exception
	 */
	public static LockLostException contested(String historyTable, Throwable cause) {
		return new LockLostException(cause,
				"Another process migrates %s, although this one holds its migration lock".formatted(historyTable));
	}

}
