package io.github.headlock.waiting;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Makes one call on the thread of its caller, which is interrupted when the time is over,
 * for data sources that are bound to threads. A wait for a pool ends then.
 *
 * @param <T> what the call results in
 */
public final class TimedCall<T> {

	private final Callable<T> target;

	private final Thread caller = Thread.currentThread();

	private final CountDownLatch over = new CountDownLatch(1);

	private boolean timedOut;

	/**
	 * Prepares a call by the current thread.
	 * @param target what to call
	 */
	public TimedCall(Callable<T> target) {
		this.target = target;
	}

	/**
	 * Makes the call, and interrupts it when the time is over.
	 * @param atMost when to interrupt the call
	 * @param executor runs what interrupts it
	 * @return the result
	 * @throws Exception as the call does
	 */
	public T call(Duration atMost, Executor executor) throws Exception {
		executor.execute(() -> interruptAfter(atMost));
		try {
			return this.target.call();
		}
		finally {
			end();
		}
	}

	/**
	 * Returns whether the call was interrupted because its time was over.
	 * @return {@code false} if it ended before
	 */
	public synchronized boolean isTimedOut() {
		return this.timedOut;
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
			this.timedOut = true;
			this.caller.interrupt();
		}
	}

	/** Leaves no interrupt of its own behind. */
	private synchronized void end() {
		this.over.countDown();
		if (this.timedOut) {
			Thread.interrupted();
		}
	}

}
