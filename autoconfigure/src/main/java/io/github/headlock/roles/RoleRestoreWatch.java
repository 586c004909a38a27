package io.github.headlock.roles;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import io.github.headlock.history.HistoryTable;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.waiting.PeriodicTask;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores, in a process that has started, the login of roles that a migration blocked
 * and nobody is left to restore: a failover or a restored backup may have lost the end of
 * a migration, and not its beginning. It looks without taking anything, and acts only on
 * what it has seen unchanged for a minute.
 */
public final class RoleRestoreWatch implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RoleRestoreWatch.class);

	/**
	 * A process that has lost the lock notices well before, and begins no further
	 * migration. The statement that the server works on is left alone, so its session
	 * counts as well.
	 */
	private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

	private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(20);

	private final MigrationConnections connections;

	private final RoleLockouts lockouts;

	private final RoleJournal journal;

	private final MigrationLock lock;

	private final boolean always;

	private final Duration longEnough;

	private boolean started;

	/** Null while it does not look. */
	private @Nullable PeriodicTask task;

	/** What nobody was at work for at the last look, {@code null} for nothing. */
	private @Nullable LeftOver seen;

	private Stopwatch since = new Stopwatch();

	/** What has been told to be in vain, {@code null} for nothing. */
	private @Nullable LeftOver told;

	/**
	 * Prepares to watch, and looks at nothing yet.
	 * @param connections connections of the role that migrates
	 * @param history the history table
	 * @param lockouts the blocks of its migrations
	 * @param always whether to look all the time; if not, only while there is a record
	 * that somebody else has noticed, so that an idle database is left alone
	 */
	public RoleRestoreWatch(MigrationConnections connections, HistoryTable history, RoleLockouts lockouts,
			boolean always) {
		this(connections, history, lockouts, always, LONG_ENOUGH);
	}

	RoleRestoreWatch(MigrationConnections connections, HistoryTable history, RoleLockouts lockouts, boolean always,
			Duration longEnough) {
		this.always = always;
		this.connections = connections;
		this.lockouts = lockouts;
		this.journal = new RoleJournal(history);
		this.lock = new MigrationLock(history);
		this.longEnough = longEnough;
	}

	/**
	 * Begins to look about every 30 seconds, not at the same time as other replicas do,
	 * now or once a record is noticed.
	 */
	public synchronized void start() {
		this.started = true;
		if (this.always) {
			lookFromNowOn();
		}
	}

	/**
	 * Takes note that there is a record of blocked roles.
	 */
	public synchronized void notice() {
		if (this.started) {
			lookFromNowOn();
		}
	}

	private synchronized void lookFromNowOn() {
		if (this.task == null) {
			Duration interval = SHORTEST_INTERVAL.plusMillis(ThreadLocalRandom.current().nextLong(20_000));
			this.task = new PeriodicTask("headlock-role-watch", interval, this::look);
		}
	}

	private synchronized void lookNoMore() {
		if (this.task != null) {
			this.task.close();
			this.task = null;
		}
	}

	synchronized boolean isLooking() {
		return this.task != null;
	}

	/** Looks once, on one thread at a time. */
	void look() {
		try (Connection connection = this.connections.open()) {
			LeftOver found = orphaned(connection);
			if (found == null || !found.equals(this.seen)) {
				this.seen = found;
				this.since = new Stopwatch();
			}
			else if (this.since.elapsed().compareTo(this.longEnough) >= 0) {
				restore(connection, found);
			}
		}
		catch (SQLException | RuntimeException ex) {
			// the application's own use of the database tells people
			logger.debug("Cannot look for roles that were left blocked", ex);
			this.seen = null;
		}
	}

	/** What nobody is at work for, {@code null} if there is nothing to be done here. */
	private @Nullable LeftOver orphaned(Connection connection) throws SQLException {
		if (!this.lockouts.exist(connection)) {
			if (!this.always) {
				lookNoMore();
			}
			return null;
		}
		if (ServerFacts.isStandby(connection)) {
			// the next look goes to the primary, if the URL has it
			this.connections.preferPrimary();
			return null;
		}
		if (this.lockouts.isLeftOverDenied(connection) || this.lock.holder(connection).isPresent()) {
			return null;
		}
		return this.journal.isSessionLeft(connection) ? null : this.journal.leftOver(connection);
	}

	private void restore(Connection connection, LeftOver expected) throws SQLException {
		this.seen = null;
		Optional<HeldLock> taken = this.lock.tryTake(connection);
		if (taken.isEmpty()) {
			return;
		}
		try (HeldLock held = taken.get()) {
			if (held.tryFence() && !held.read(this.journal::isSessionLeft)
					&& expected.equals(held.read(this.journal::leftOver))) {
				logger
					.info("Roles are blocked, and nobody has been at work for {}, as after a failover or in a restored "
							+ "database; restoring their login", Stopwatch.seconds(this.since.elapsed()));
				this.lockouts.restoreOrphaned(held);
			}
		}
		catch (SQLException | LockLostException ex) {
			if (!expected.equals(this.told)) {
				this.told = expected;
				logger.warn("The login of the roles {} is not restored yet: {}", expected.entries(),
						RootCause.describe(ex));
			}
		}
	}

	/** Ends the looks, after one that has begun. */
	@Override
	public synchronized void close() {
		this.started = false;
		lookNoMore();
	}

}
