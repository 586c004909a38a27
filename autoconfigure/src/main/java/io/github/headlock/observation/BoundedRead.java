package io.github.headlock.observation;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/**
 * Runs one kind of read on a thread of its own, one at a time, so that a read without an
 * answer does not hold the caller. Thread-safe.
 *
 * @param <T> what is read
 */
final class BoundedRead<T> {

	/** A data source that hangs for so long may be all right for the next request. */
	private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(30);

	private final Executor executor;

	private @Nullable CompletableFuture<T> underWay;

	/** By {@link System#nanoTime()}, when the read that is under way began. */
	private long underWaySince;

	BoundedRead(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Waits for a read. Joins the one that is under way, if there is one, so that calls
	 * do not pile up on a database that does not answer.
	 * @param read what to do if none is under way
	 * @param atMost longest wait
	 * @return what was read
	 * @throws TimeoutException if there is no answer in time
	 * @throws ExecutionException if the read failed
	 * @throws InterruptedException if this thread is interrupted
	 */
	T await(Callable<T> read, Duration atMost) throws TimeoutException, ExecutionException, InterruptedException {
		return start(read).get(atMost.toMillis(), TimeUnit.MILLISECONDS);
	}

	private synchronized CompletableFuture<T> start(Callable<T> read) {
		boolean givenUp = System.nanoTime() - this.underWaySince > GIVE_UP_AFTER.toNanos();
		if (this.underWay == null || this.underWay.isDone() || givenUp) {
			CompletableFuture<T> result = new CompletableFuture<>();
			this.executor.execute(() -> complete(result, read));
			this.underWay = result;
			this.underWaySince = System.nanoTime();
		}
		return this.underWay;
	}

	private static <T> void complete(CompletableFuture<T> result, Callable<T> read) {
		try {
			result.complete(read.call());
		}
		catch (Exception | Error ex) {
			result.completeExceptionally(ex);
		}
	}

}
