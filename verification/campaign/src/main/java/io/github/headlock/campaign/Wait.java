package io.github.headlock.campaign;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;

/**
 * Waits for facts, looking every few milliseconds.
 */
final class Wait {

	private static final long PERIOD = 8;

	private Wait() {
	}

	/** Waits until there is something, or fails. */
	static <T> T atMost(Duration time, String what, Callable<Optional<T>> search) {
		long deadline = System.nanoTime() + time.toNanos();
		while (true) {
			Optional<T> found = call(search);
			if (found.isPresent()) {
				return found.get();
			}
			if (System.nanoTime() - deadline > 0) {
				throw new IllegalStateException(
						String.format(Locale.ROOT, "Waited %d s for %s", time.toSeconds(), what));
			}
			pause(PERIOD);
		}
	}

	/** Waits until something holds, and returns whether it did in time. */
	static boolean until(Duration time, BooleanSupplier condition) {
		long deadline = System.nanoTime() + time.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - deadline > 0) {
				return false;
			}
			pause(PERIOD);
		}
		return true;
	}

	static void pause(long millis) {
		try {
			Thread.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Waits until a thread has ended, which was told to. */
	static void forEnd(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static <T> T call(Callable<T> callable) {
		try {
			return callable.call();
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
