package io.github.headlock.observation;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Runs one read on the thread of its caller, which is interrupted when the time is over,
 * for data sources that are bound to threads. A wait for a pool ends then.
 *
 * @param <T> what is read
 */
final class CallerRead<T> {

	private final Callable<T> read;

	private final Thread caller = Thread.currentThread();

	private final CountDownLatch over = new CountDownLatch(1);

	private boolean interrupted;

	CallerRead(Callable<T> read) {
		this.read = read;
	}

	/**
	 * Reads.
	 * @param atMost when to interrupt the read
	 * @param executor runs what interrupts it
	 * @return what was read
	 * @throws Exception as the read does
	 */
	T call(Duration atMost, Executor executor) throws Exception {
		executor.execute(() -> interruptAfter(atMost));
		try {
			return this.read.call();
		}
		finally {
			end();
		}
	}

	private void interruptAfter(Duration time) {
		try {
			if (!this.over.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
				interrupt();
			}
		}
		catch (InterruptedException ex) {
			interrupt();
		}
	}

	private synchronized void interrupt() {
		if (this.over.getCount() > 0) {
			this.interrupted = true;
			this.caller.interrupt();
		}
	}

	/** Leaves no interrupt of its own behind. */
	private synchronized void end() {
		this.over.countDown();
		if (this.interrupted) {
			Thread.interrupted();
		}
	}

}
