package io.github.headlock.flyway;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Asks again for a connection where the server is crowded: a waiting replica may have
 * taken just the connection that the migration needs, and gives it back in a moment. The
 * same where nothing answers at its address, or the login is blocked, as long as the lock
 * shows that the server is there.
 */
final class RetryingDataSource extends DelegatingDataSource {

	private static final Duration TIMEOUT = Duration.ofMinutes(1);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

	private final HeldLock lock;

	private @Nullable SQLException refusal;

	/**
	 * Creates the data source.
	 * @param target where the connections come from
	 * @param lock the migration lock, which shows whether the server is still there
	 */
	RetryingDataSource(DataSource target, HeldLock lock) {
		super(target);
		this.lock = lock;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Deadline deadline = Deadline.in(TIMEOUT);
		try (Backoff backoff = new Backoff("waiting for a connection beside the one that holds the lock")) {
			while (true) {
				try {
					Connection connection = super.getConnection();
					this.refusal = null;
					return connection;
				}
				catch (SQLException ex) {
					backoff.throwIfInterrupted(ex);
					this.refusal = ex;
					ConnectionFailure failure = ConnectionFailure.of(ex);
					if (deadline.isOver() || !isWorthWaiting(failure)) {
						throw ex;
					}
					backoff.sleepWithJitter(failure.shortestPause(), POLL_INTERVAL, deadline.remaining());
				}
			}
		}
	}

	private boolean isWorthWaiting(ConnectionFailure failure) {
		return switch (failure) {
			case NOT_NOW -> true;
			case BLOCKED_LOGIN, UNREACHABLE -> isLockHeld();
			case PERMANENT -> false;
		};
	}

	private boolean isLockHeld() {
		try {
			this.lock.ensureHeld();
			return true;
		}
		catch (LockLostException ex) {
			return false;
		}
	}

	/**
	 * Returns why there was no connection at the last request.
	 * @return the driver's error, {@code null} if there was a connection
	 */
	@Nullable SQLException refusal() {
		return this.refusal;
	}

}
