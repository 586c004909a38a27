package io.github.headlock.flyway;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a migration in an orderly way when the JVM is told to end: what runs is cancelled,
 * so that the migration is rolled back, the application's roles are let in, and the lock
 * is freed before the JVM is gone.
 */
public final class ShutdownCancellation implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ShutdownCancellation.class);

	/** Less than the half minute that Kubernetes gives by default. */
	private static final Duration LONGEST_END = Duration.ofSeconds(25);

	private final CountDownLatch over = new CountDownLatch(1);

	private final Thread hook = new Thread(this::end, "headlock-termination");

	private volatile Runnable cancellation = () -> {
	};

	private volatile boolean begun;

	/**
	 * Begins to watch for the end of the JVM.
	 */
	public ShutdownCancellation() {
		try {
			Runtime.getRuntime().addShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			this.begun = true;
		}
	}

	/**
	 * Says how to cancel what runs from now on. If the end has begun, that is done at
	 * once.
	 * @param cancellation ends it, on another thread
	 */
	void cancelWith(Runnable cancellation) {
		this.cancellation = cancellation;
		if (this.begun) {
			cancellation.run();
		}
	}

	/** Whether the JVM was told to end. */
	boolean hasBegun() {
		return this.begun;
	}

	private void end() {
		this.begun = true;
		logger.info("Shutdown requested; cancelling the migration");
		this.cancellation.run();
		try {
			if (!this.over.await(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
				logger.warn("The migration has not ended within {} s", LONGEST_END.toSeconds());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.over.countDown();
		try {
			Runtime.getRuntime().removeShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			// the JVM is ending, and the hook goes on now
		}
	}

}
