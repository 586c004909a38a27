package io.github.headlock.lock;

import java.time.Duration;

import io.github.headlock.PrintableText;
import io.github.headlock.waiting.PeriodicTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.NestedExceptionUtils;

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

	private final PeriodicTask task;

	private boolean lost;

	Heartbeat(HeldLock lock) {
		this.lock = lock;
		this.task = new PeriodicTask("headlock-heartbeat", INTERVAL, this::beat);
	}

	private void beat() {
		if (!this.lost) {
			this.lost = !isHeld();
		}
		if (this.lost) {
			this.lock.afterLoss().run();
		}
	}

	private boolean isHeld() {
		try {
			this.lock.ensureHeld();
			return true;
		}
		catch (LockLostException ex) {
			if (this.lock.isClosed()) {
				return true;
			}
			logger.warn("Lost the {} while it was in use: {}", this.lock,
					PrintableText.line(NestedExceptionUtils.getMostSpecificCause(ex).getMessage()));
			return false;
		}
	}

	void stop() {
		this.task.close();
	}

}
