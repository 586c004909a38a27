package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.ReportInterval;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Tries again and again until a try ends the wait or the deadline is over. Between two
 * tries it holds no connection, and so no snapshot and no place in a queue.
 */
final class LockPolling {

	private static final Logger logger = LoggerFactory.getLogger(LockPolling.class);

	private final MigrationConnections connections;

	private final MigrationLock lock;

	private final String purpose;

	private final Duration pollInterval;

	private final Deadline deadline;

	private final ReportInterval reports = ReportInterval.fromTheBeginning();

	/** Runs from the first try that failed on. */
	private @Nullable Stopwatch waiting;

	private @Nullable LockHolder holder;

	private boolean seenTaken;

	private @Nullable SQLException connectionFailure;

	private boolean warned;

	/**
	 * Prepares to wait.
	 * @param connections where each try gets its connection
	 * @param lock the lock that tries take
	 * @param purpose what is waited for, in words
	 * @param pollInterval mean pause between two tries
	 * @param deadline bound of the wait
	 */
	LockPolling(MigrationConnections connections, MigrationLock lock, String purpose, Duration pollInterval,
			Deadline deadline) {
		this.connections = connections;
		this.lock = lock;
		this.purpose = purpose;
		this.pollInterval = pollInterval;
		this.deadline = deadline;
	}

	/**
	 * Tries until a try ends the wait or the deadline is over.
	 * @param <T> what a try ends the wait with
	 * @param first connection for the first try, {@code null} to open one
	 * @param attempt what to try
	 * @param explanation why the last try was not enough
	 * @return what the wait ended with, empty if the deadline is over
	 * @throws DatabaseUnavailableException if the database refuses what is tried
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	<T extends WaitResult> Optional<T> await(@Nullable Connection first, Attempt<T> attempt,
			Supplier<String> explanation) {
		try (Backoff backoff = new Backoff("waiting for " + this.purpose)) {
			Optional<T> result = tryOnce(first, attempt, backoff);
			while (result.isEmpty()) {
				if (this.waiting == null) {
					this.waiting = new Stopwatch();
				}
				if (this.deadline.isOver()) {
					return Optional.empty();
				}
				if (this.reports.isDue(waited())) {
					logger.info("Waiting for {} for {} (at most {}); {}", this.purpose, Stopwatch.seconds(waited()),
							this.deadline, describeFailure().orElseGet(explanation));
				}
				backoff.sleepWithJitter(shortestPause(), this.pollInterval, this.deadline.remaining());
				result = tryOnce(null, attempt, backoff);
			}
			return result;
		}
	}

	private Duration shortestPause() {
		return (this.connectionFailure != null) ? ConnectionFailure.of(this.connectionFailure).shortestPause()
				: Duration.ZERO;
	}

	private Optional<String> describeFailure() {
		return Optional.ofNullable(this.connectionFailure)
			.map((failure) -> (isBlocked(failure) ? "the database refuses the login: "
					: "the database does not answer: ") + RootCause.describe(failure));
	}

	private static boolean isBlocked(SQLException failure) {
		return ConnectionFailure.of(failure) == ConnectionFailure.BLOCKED_LOGIN;
	}

	private <T extends WaitResult> Optional<T> tryOnce(@Nullable Connection first, Attempt<T> attempt,
			Backoff backoff) {
		Connection connection = first;
		try {
			if (connection == null) {
				connection = this.connections.open();
			}
			Optional<T> result = Optional.empty();
			try {
				result = attempt.on(connection);
				this.connectionFailure = null;
				return result;
			}
			finally {
				if (!(result.orElse(null) instanceof WaitResult.LockAcquired)) {
					JdbcUtils.closeConnection(connection);
				}
			}
		}
		catch (LockLostException ex) {
			logger.warn("The {} was lost as soon as it was taken, trying again: {}", this.lock,
					PrintableText.line(ex.getMessage()));
		}
		catch (SQLException ex) {
			backoff.throwIfInterrupted(ex);
			boolean passes = (connection != null) ? ConnectionFailure.mayPass(ex)
					: ConnectionFailure.of(ex) != ConnectionFailure.PERMANENT;
			if (!passes) {
				throw unavailable("The database refused while waiting for " + this.purpose, ex);
			}
			if (!this.warned) {
				this.warned = true;
				logger.warn("The database {} while waiting for {}; trying again for at most {} in all: {}",
						isBlocked(ex) ? "refuses the login" : "does not answer", this.purpose, this.deadline,
						isBlocked(ex) ? RootCause.describe(ex) : RootCause.explain(ex));
			}
			this.connectionFailure = ex;
		}
		return Optional.empty();
	}

	/**
	 * Remembers who has the lock.
	 * @param current who was seen to have it, empty if nobody has
	 * @return whether somebody has
	 */
	boolean see(Optional<LockHolder> current) {
		this.holder = current.orElse(this.holder);
		this.seenTaken = current.isPresent();
		return this.seenTaken;
	}

	/**
	 * Tries once to take the lock, after it was seen that nobody has it. If somebody was
	 * faster, remembers who.
	 * @param connection the connection of the attempt
	 * @return the lock, empty if another process has it
	 * @throws SQLException if the connection is lost or the database refuses
	 */
	Optional<HeldLock> tryTake(Connection connection) throws SQLException {
		Optional<HeldLock> held = this.lock.tryTake(connection);
		if (held.isEmpty()) {
			this.seenTaken = true;
			this.holder = this.lock.holder(connection).orElse(this.holder);
		}
		return held;
	}

	/**
	 * Returns who had the lock when it was last seen taken.
	 * @return the holder, {@code null} if it never was
	 */
	@Nullable LockHolder holder() {
		return this.holder;
	}

	/**
	 * Says why the lock could not be taken at the last try.
	 * @return words for the log
	 */
	String describeHolder() {
		return (this.holder != null) ? "it is held by " + this.holder : "its last holder has just ended";
	}

	/**
	 * Returns the time since the first try that failed.
	 * @return the time, zero if none has
	 */
	Duration waited() {
		return (this.waiting != null) ? this.waiting.elapsed() : Duration.ZERO;
	}

	/**
	 * Returns whether a try has failed.
	 * @return {@code false} if the first was enough
	 */
	boolean hasWaited() {
		return this.waiting != null;
	}

	/**
	 * Returns the error to end with after the deadline if the database did not answer.
	 * @return the error, empty if it did
	 */
	Optional<DatabaseUnavailableException> unavailable() {
		return Optional.ofNullable(this.connectionFailure)
			.map((failure) -> unavailable(
					String.format(Locale.ROOT, "The database %s while waiting for %s (at most %s)",
							isBlocked(failure) ? "refused the login" : "did not answer", this.purpose, this.deadline),
					failure));
	}

	private DatabaseUnavailableException unavailable(String what, SQLException cause) {
		return new DatabaseUnavailableException(this.connections.toString(), what, cause);
	}

	/**
	 * Returns the error to end with after the deadline if the lock is needed.
	 * @param timeout creates the error of a lock that others hold, from the holder
	 * @return the error
	 */
	RuntimeException timedOut(Timeout timeout) {
		if (!this.seenTaken && this.connectionFailure != null) {
			return unavailable().orElseThrow();
		}
		LockTimeoutException error = timeout.of(this.deadline.timeout(), this.holder);
		if (this.connectionFailure != null) {
			error.addSuppressed(this.connectionFailure);
		}
		return error;
	}

	/**
	 * One try.
	 *
	 * @param <T> what it ends the wait with
	 */
	@FunctionalInterface
	interface Attempt<T extends WaitResult> {

		/**
		 * Tries once.
		 * @param connection a connection, which is closed afterwards unless the result
		 * has the lock
		 * @return what the wait ends with, empty to go on
		 * @throws SQLException if the connection is lost or the database refuses
		 */
		Optional<T> on(Connection connection) throws SQLException;

	}

	/**
	 * Creates the error of a lock that others hold.
	 */
	@FunctionalInterface
	interface Timeout {

		LockTimeoutException of(Duration timeout, @Nullable LockHolder holder);

	}

}
