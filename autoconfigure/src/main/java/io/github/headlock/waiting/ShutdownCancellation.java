package io.github.headlock.waiting;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a migration in an orderly way when the JVM is told to end: what runs is cancelled,
 * so that the migration is rolled back, the login of the application's roles is restored,
 * and the lock is freed before the JVM is gone.
 */
public final class ShutdownCancellation implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ShutdownCancellation.class);

	/** Less than the half minute that Kubernetes gives by default. */
	private static final Duration LONGEST_END = Duration.ofSeconds(25);

	private static final Runnable NOTHING = () -> {
	};

	private final CountDownLatch over = new CountDownLatch(1);

	private final Thread hook = new Thread(this::end, "headlock-termination");

	private volatile Runnable cancellation = NOTHING;

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
	 * Registers how to cancel what runs. If the end has begun, that is done at once.
	 * @param cancellation ends it, on another thread
	 * @return the registration, of which there is one at a time
	 */
	public Registration cancelling(Runnable cancellation) {
		this.cancellation = cancellation;
		if (this.begun) {
			cancellation.run();
		}
		return () -> this.cancellation = NOTHING;
	}

	/**
	 * Returns whether the JVM was told to end.
	 * @return whether what runs is cancelled
	 */
	public boolean hasBegun() {
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
