package io.github.headlock.lock;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.github.headlock.LockLostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the connection of a lock alive while nothing else goes over it. A pooler such as
 * PgBouncer ends idle transactions after its {@code idle_transaction_timeout}, and what
 * lies on the way forgets silent connections.
 */
final class Heartbeat {

	private static final Logger logger = LoggerFactory.getLogger(Heartbeat.class);

	/** Shorter than what poolers are usually told to end idle transactions after. */
	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private final HeldLock lock;

	private final ScheduledExecutorService executor;

	Heartbeat(HeldLock lock) {
		this.lock = lock;
		this.executor = Executors.newSingleThreadScheduledExecutor((beat) -> {
			Thread thread = new Thread(beat, "headlock-heartbeat");
			thread.setDaemon(true);
			return thread;
		});
		this.executor.scheduleWithFixedDelay(this::beat, INTERVAL.toMillis(), INTERVAL.toMillis(),
				TimeUnit.MILLISECONDS);
	}

	/** The first beat that fails is the last. */
	private void beat() {
		try {
			this.lock.ensureHeld();
		}
		catch (LockLostException ex) {
			logger.warn("Lost the {} while it was in use: {}", this.lock,
					(ex.getCause() != null) ? ex.getCause().getMessage() : "its connection does not answer");
			throw ex;
		}
	}

	void stop() {
		this.executor.shutdown();
	}

}
