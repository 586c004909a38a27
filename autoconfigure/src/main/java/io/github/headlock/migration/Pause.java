package io.github.headlock.migration;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.github.headlock.StartInterruptedException;

/**
 * Lets time pass between two tries.
 */
final class Pause {

	private Pause() {
	}

	/**
	 * Pauses for half to one and a half times the mean, so that replicas that started
	 * together do not ask together.
	 * @param mean the mean
	 * @param limit longest pause, nothing if it is negative
	 * @param meanwhile what the thread is doing, for the error if it is interrupted
	 * @throws StartInterruptedException if the thread is interrupted
	 */
	static void around(Duration mean, Duration limit, String meanwhile) {
		long jittered = mean.toMillis() / 2 + ThreadLocalRandom.current().nextLong(mean.toMillis() + 1);
		try {
			TimeUnit.MILLISECONDS.sleep(Math.max(0, Math.min(jittered, limit.toMillis())));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new StartInterruptedException(meanwhile, ex);
		}
	}

}
