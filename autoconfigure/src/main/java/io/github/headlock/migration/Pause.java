package io.github.headlock.migration;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.github.headlock.StartInterruptedException;

/**
 * Lets time pass between two tries, until the thread is interrupted or the JVM is told to
 * end: Spring's own shutdown hook waits for the start to finish, and this start has
 * nothing to finish yet.
 */
final class Pause implements AutoCloseable {

	private final String meanwhile;

	private final Thread hook;

	private Pause(String meanwhile) {
		this.meanwhile = meanwhile;
		this.hook = new Thread(Thread.currentThread()::interrupt, "headlock-shutdown");
		try {
			Runtime.getRuntime().addShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			throw new StartInterruptedException(meanwhile, ex);
		}
	}

	/**
	 * Pauses for half to one and a half times the mean, so that replicas that started
	 * together do not ask together.
	 * @param mean the mean
	 * @param limit longest pause, nothing if it is negative
	 * @param meanwhile what the thread is doing, for the error if it is interrupted
	 * @throws StartInterruptedException if the thread is interrupted or the JVM ends
	 */
	static void around(Duration mean, Duration limit, String meanwhile) {
		long jittered = mean.toMillis() / 2 + ThreadLocalRandom.current().nextLong(mean.toMillis() + 1);
		try (Pause pause = new Pause(meanwhile)) {
			pause.sleep(Math.max(0, Math.min(jittered, limit.toMillis())));
		}
	}

	private void sleep(long millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new StartInterruptedException(this.meanwhile, ex);
		}
	}

	@Override
	public void close() {
		try {
			Runtime.getRuntime().removeShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			// the JVM is ending, and the hook has done its work
		}
	}

}
