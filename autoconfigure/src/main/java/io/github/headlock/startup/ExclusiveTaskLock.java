package io.github.headlock.startup;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import io.github.headlock.PrintableText;
import io.github.headlock.jdbc.ConnectionFailure;
import io.github.headlock.jdbc.DatabaseUnavailableException;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.LockTimeoutException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.waiting.Backoff;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Waits until this process may run a task alone. As with migrations, there is no
 * connection and no snapshot between two tries, and the application's pool is not asked.
 */
final class ExclusiveTaskLock {

	private static final Logger logger = LoggerFactory.getLogger(ExclusiveTaskLock.class);

	private static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);

	private final String task;

	private final ManagedSchema schema;

	private final MigrationLock lock;

	private final Duration pollInterval;

	private final Deadline deadline;

	private Duration nextReport = Duration.ZERO;

	/** Who had the lock when it was last seen taken. */
	private @Nullable LockHolder holder;

	private boolean seenTaken;

	private @Nullable SQLException connectionFailure;

	ExclusiveTaskLock(String task, ManagedSchema schema, Duration timeout, Duration pollInterval) {
		this.task = task;
		this.schema = schema;
		this.lock = MigrationLock.ofTasks(schema.table());
		this.pollInterval = pollInterval;
		this.deadline = Deadline.in(timeout);
	}

	/**
	 * Waits until no other process runs a task.
	 * @return the lock, which the caller closes
	 * @throws LockTimeoutException if another process held it for too long
	 * @throws DatabaseUnavailableException if the database was gone for as long
	 * @throws io.github.headlock.waiting.StartInterruptedException if this thread was
	 * interrupted
	 */
	HeldLock await() {
		try (Backoff backoff = new Backoff("waiting for the lock for the task \"" + this.task + "\"")) {
			Optional<HeldLock> held = tryOnce(backoff);
			while (held.isEmpty()) {
				if (this.deadline.isOver()) {
					throw timedOut();
				}
				report();
				backoff.sleepWithJitter(this.pollInterval, this.deadline.remaining());
				held = tryOnce(backoff);
			}
			return held.get();
		}
	}

	private Optional<HeldLock> tryOnce(Backoff backoff) {
		try {
			Connection connection = this.schema.connections().open();
			Optional<HeldLock> held = Optional.empty();
			try {
				held = this.lock.tryTake(connection);
				this.connectionFailure = null;
				if (held.isEmpty()) {
					this.seenTaken = true;
					this.holder = this.lock.holder(connection).orElse(this.holder);
				}
				return held;
			}
			finally {
				if (held.isEmpty()) {
					JdbcUtils.closeConnection(connection);
				}
			}
		}
		catch (SQLException ex) {
			backoff.throwIfInterrupted(ex);
			if (!ConnectionFailure.is(ex)) {
				throw unavailable(String.format(Locale.ROOT, "The lock for the task \"%s\" cannot be taken", this.task),
						ex);
			}
			this.connectionFailure = ex;
			return Optional.empty();
		}
	}

	private RuntimeException timedOut() {
		if (!this.seenTaken && this.connectionFailure != null) {
			return unavailable(String.format(Locale.ROOT, "No connection within %s for the lock for the task \"%s\"",
					this.deadline, this.task), this.connectionFailure);
		}
		LockTimeoutException timeout = LockTimeoutException.ofTask(this.task, this.schema.table().toString(),
				this.schema.table().taskLockKey(), this.deadline.timeout(), this.holder, this.schema.report().status());
		if (this.connectionFailure != null) {
			timeout.addSuppressed(this.connectionFailure);
		}
		return timeout;
	}

	private DatabaseUnavailableException unavailable(String what, SQLException cause) {
		return new DatabaseUnavailableException(this.schema.connections().toString(), what, cause);
	}

	private void report() {
		Duration waited = this.deadline.stopwatch().elapsed();
		if (waited.compareTo(this.nextReport) < 0) {
			return;
		}
		this.nextReport = waited.plus(REPORT_INTERVAL);
		logger.info("Waiting for the lock for the task \"{}\" for {} (at most {}); {}", this.task,
				Stopwatch.seconds(waited), this.deadline, explanation());
	}

	private String explanation() {
		if (this.connectionFailure != null) {
			return "the database does not answer: " + PrintableText.line(this.connectionFailure.getMessage());
		}
		return (this.holder != null) ? "it is held by " + this.holder : "its last holder has just ended";
	}

}
