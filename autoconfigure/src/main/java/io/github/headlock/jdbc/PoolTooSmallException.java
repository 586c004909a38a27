package io.github.headlock.jdbc;

import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a migration, or a task that one process runs at a time, has to take its
 * connections from a pool that gives fewer at a time than it needs. It was not begun.
 * Exit code 1.
 */
public class PoolTooSmallException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final int needed;

	private final int available;

	/**
	 * Creates the exception.
	 * @param pool name of the pool's class
	 * @param needed number of connections that are needed at a time
	 * @param available number of connections that the pool gives at a time
	 * @param cause why it gives no more, {@code null} if that is its size
	 */
	public PoolTooSmallException(String pool, int needed, int available, @Nullable Throwable cause) {
		super(1, message(pool, needed, available, cause), cause);
		this.needed = needed;
		this.available = available;
	}

	private static String message(String pool, int needed, int available, @Nullable Throwable cause) {
		String why = (cause != null) ? " (" + PrintableText.line(cause.getMessage()) + ")" : "";
		return String.format(Locale.ROOT,
				"This start needs %d connections at a time and takes them from %s, because none like them can be "
						+ "opened beside it, but it gives %d%s. No migration or task was begun.",
				needed, pool, available, why);
	}

	/**
	 * Returns how many connections are needed.
	 * @return number of connections at a time
	 */
	public int getNeeded() {
		return this.needed;
	}

	/**
	 * Returns how many connections the pool gives.
	 * @return number of connections at a time
	 */
	public int getAvailable() {
		return this.available;
	}

	@Override
	public String getAction() {
		return String.format(Locale.ROOT,
				"Let the pool have at least %d connections: set spring.datasource.hikari.maximum-pool-size, or the "
						+ "maximum size of a pool of another kind or of the application's own. Or set spring.flyway.url, "
						+ "spring.flyway.user and spring.flyway.password: migrations then use no pool.",
				this.needed);
	}

}
