package io.github.headlock.flyway;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.headlock.jdbc.DatabaseSession;
import io.github.headlock.jdbc.SessionRow;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.waiting.PeriodicTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what a migration queues behind, until it is closed: when its statement has
 * timed out it is too late to ask.
 */
final class BlockingSessionSampler implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(BlockingSessionSampler.class);

	private static final long SHORTEST_INTERVAL = 10;

	private static final long LONGEST_INTERVAL = 1000;

	private final HeldLock lock;

	private final Fence fence;

	private final PeriodicTask task;

	private volatile List<DatabaseSession> seen = List.of();

	/**
	 * Begins to look.
	 * @param lock over whose connection
	 * @param fence knows which migration runs
	 * @param lockTimeout longest that a statement queues
	 */
	BlockingSessionSampler(HeldLock lock, Fence fence, Duration lockTimeout) {
		this.lock = lock;
		this.fence = fence;
		this.task = new PeriodicTask("headlock-blockers", Duration.ofMillis(interval(lockTimeout)), this::look);
	}

	/**
	 * How often to look, in milliseconds: a few times while a statement queues, unless it
	 * hardly does.
	 */
	static long interval(Duration lockTimeout) {
		return Math.max(SHORTEST_INTERVAL, Math.min(lockTimeout.toMillis() / 4, LONGEST_INTERVAL));
	}

	private void look() {
		RunningMigration running = this.fence.running();
		if (running == null || !running.transactional()) {
			return;
		}
		try {
			List<DatabaseSession> blocking = this.lock
				.read((connection) -> SessionRow.blocking(connection, running.pid()));
			if (!blocking.isEmpty()) {
				this.seen = blocking;
			}
		}
		catch (SQLException ex) {
			logger.debug("The lock's connection is gone; its heartbeat reports that", ex);
		}
	}

	/**
	 * Returns what was last seen blocking it.
	 * @return the sessions, empty if none was seen
	 */
	List<DatabaseSession> seen() {
		return this.seen;
	}

	@Override
	public void close() {
		this.task.close();
	}

}
