package io.github.headlock.autoconfigure;

import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process with exit code 1 when its main thread has ended and no application with
 * a Flyway came, so that {@code headlock.exit-after-migration} is not ignored.
 */
final class MainThreadExit implements Runnable {

	private enum Need {

		UNKNOWN, ARRANGED, NONE

	}

	private static final Logger logger = LoggerFactory.getLogger(MainThreadExit.class);

	/** Of the process: several applications may run in it, one after the other. */
	private static final AtomicReference<Need> need = new AtomicReference<>(Need.UNKNOWN);

	private final Thread main;

	private MainThreadExit(Thread main) {
		this.main = main;
	}

	/** Called by the thread that runs the applications. */
	static void arrange() {
		if (need.compareAndSet(Need.UNKNOWN, Need.ARRANGED)) {
			logger.info("{} is set, and this application has no Flyway: unless one with a Flyway comes after it, the "
					+ "process exits with code 1 when its main method has ended", ExitAfterMigration.PROPERTY);
			new Thread(new MainThreadExit(Thread.currentThread()), "headlock-exit").start();
		}
	}

	/** An application with a Flyway has come, and ends the process or fails. */
	static void isNotNeeded() {
		need.set(Need.NONE);
	}

	@Override
	public void run() {
		try {
			this.main.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (need.get() == Need.ARRANGED) {
			logger.error("No application with a Flyway came, and {} is set: exiting with code 1",
					ExitAfterMigration.PROPERTY);
			System.exit(1);
		}
	}

}
