package io.github.headlock.waiting;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Lets a thread wait until it is interrupted or the JVM is told to end: Spring's own
 * shutdown hook waits for the start to finish, and this start has nothing to finish yet.
 */
public final class Backoff implements AutoCloseable {

	private final String meanwhile;

	private final Thread hook;

	private volatile boolean shutdown;

	/**
	 * Begins to watch for the end of the JVM.
	 * @param meanwhile what the thread is doing, for the error if it is interrupted
	 * @throws StartInterruptedException if the JVM is ending already
	 */
	public Backoff(String meanwhile) {
		this.meanwhile = meanwhile;
		Thread waiting = Thread.currentThread();
		this.hook = new Thread(() -> end(waiting), "headlock-shutdown");
		try {
			Runtime.getRuntime().addShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			throw StartInterruptedException.byShutdown(meanwhile, ex);
		}
	}

	private void end(Thread waiting) {
		this.shutdown = true;
		waiting.interrupt();
	}

	private StartInterruptedException interrupted(Exception cause) {
		return this.shutdown ? StartInterruptedException.byShutdown(this.meanwhile, cause)
				: new StartInterruptedException(this.meanwhile, cause);
	}

	/**
	 * Pauses for half to one and a half times the mean, so that replicas that started
	 * together do not ask together.
	 * @param mean the mean
	 * @param limit longest pause, nothing if it is negative
	 * @throws StartInterruptedException if the thread is interrupted or the JVM ends
	 */
	public void sleepWithJitter(Duration mean, Duration limit) {
		sleepWithJitter(Duration.ZERO, mean, limit);
	}

	/**
	 * Pauses as above, and for some time before that.
	 * @param least the time before, zero for none
	 * @param mean the mean of the rest
	 * @param limit longest pause in all, nothing if it is negative
	 * @throws StartInterruptedException if the thread is interrupted or the JVM ends
	 */
	public void sleepWithJitter(Duration least, Duration mean, Duration limit) {
		Duration jitter = around(mean, limit.minus(least), ThreadLocalRandom.current());
		sleep((least.compareTo(limit) < 0) ? least.plus(jitter) : limit.isNegative() ? Duration.ZERO : limit);
	}

	static Duration around(Duration mean, Duration limit, RandomGenerator random) {
		long jittered = mean.toMillis() / 2 + random.nextLong(mean.toMillis() + 1);
		return Duration.ofMillis(Math.max(0, Math.min(jittered, limit.toMillis())));
	}

	/**
	 * Sleeps for an exact time.
	 * @param duration for how long
	 * @throws StartInterruptedException if the thread is interrupted or the JVM ends
	 */
	public void sleep(Duration duration) {
		try {
			// also with nothing to wait for, this tells of an interrupt
			Thread.sleep(Math.max(0, duration.toMillis()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw interrupted(ex);
		}
	}

	/**
	 * Ends the wait if it was an interrupt that made the driver give up.
	 * @param failure what the driver said
	 * @throws StartInterruptedException if the thread is interrupted or the JVM ends
	 */
	public void throwIfInterrupted(SQLException failure) {
		if (Thread.currentThread().isInterrupted()) {
			throw interrupted(failure);
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
