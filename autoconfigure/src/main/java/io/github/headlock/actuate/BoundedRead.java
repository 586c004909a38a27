package io.github.headlock.actuate;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;

/**
 * Runs one kind of read on a thread of its own, one at a time, so that a read without an
 * answer holds few callers, and those for a limited time. Thread-safe.
 *
 * @param <T> what is read
 */
final class BoundedRead<T> {

	/** Number of callers that may wait for a read which is not quick. */
	static final int MOST_WAITING = 5;

	/** A read that ends by then may be waited for by any number of callers. */
	static final Duration QUICK = Duration.ofSeconds(1);

	/** A data source that hangs for so long may be all right for the next request. */
	private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(30);

	/** More would be centuries. */
	private static final int MOST_DOUBLINGS = 30;

	private final Executor executor;

	private final Semaphore waiting = new Semaphore(MOST_WAITING);

	private @Nullable Attempt<T> underWay;

	/** Number of reads that were given up and have not ended. */
	private int givenUp;

	BoundedRead(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Waits for a read. Joins the one that is under way, if there is one, so that calls
	 * do not pile up on a database that does not answer.
	 * @param read what to do if none is under way
	 * @param atMost longest wait, which is shorter if others wait already
	 * @return what was read
	 * @throws TimeoutException if there is no answer in time
	 * @throws ExecutionException if the read failed
	 * @throws InterruptedException if this thread is interrupted
	 */
	T await(Callable<T> read, Duration atMost) throws TimeoutException, ExecutionException, InterruptedException {
		Deadline deadline = Deadline.in(atMost);
		Attempt<T> attempt = start(read);
		if (attempt.endsWithin(QUICK.minus(attempt.since().elapsed()))) {
			return attempt.result().get();
		}
		if (!this.waiting.tryAcquire()) {
			throw new TimeoutException(String.format(Locale.ROOT,
					"The database did not answer within %d ms, and %d other calls wait for it",
					attempt.since().elapsed().toMillis(), MOST_WAITING));
		}
		try {
			if (attempt.endsWithin(deadline.remaining())) {
				return attempt.result().get();
			}
			throw new TimeoutException("The database did not answer within " + atMost.toMillis() + " ms");
		}
		finally {
			this.waiting.release();
		}
	}

	/**
	 * Each read that was given up and has not ended doubles the time after which the next
	 * one is, so that their threads stay few.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // endGivenUp() cannot fail
	private synchronized Attempt<T> start(Callable<T> read) {
		Attempt<T> current = this.underWay;
		if (current != null && !current.result().isDone()) {
			Duration giveUpAfter = GIVE_UP_AFTER.multipliedBy(1L << Math.min(this.givenUp, MOST_DOUBLINGS));
			if (current.since().elapsed().compareTo(giveUpAfter) < 0) {
				return current;
			}
			this.givenUp++;
			current.result().whenComplete((result, failure) -> endGivenUp());
		}
		Attempt<T> next = new Attempt<>(new CompletableFuture<>(), new Stopwatch());
		this.executor.execute(() -> complete(next.result(), read));
		this.underWay = next;
		return next;
	}

	private synchronized void endGivenUp() {
		this.givenUp--;
	}

	private static <T> void complete(CompletableFuture<T> result, Callable<T> read) {
		try {
			result.complete(read.call());
		}
		catch (Exception | Error ex) {
			result.completeExceptionally(ex);
		}
	}

	/**
	 * One read.
	 *
	 * @param result completed when it has ended
	 * @param since runs from when it began
	 */
	private record Attempt<T>(CompletableFuture<T> result, Stopwatch since) {

		boolean endsWithin(Duration time) throws InterruptedException {
			try {
				this.result.get(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
				return true;
			}
			catch (ExecutionException ex) {
				return true;
			}
			catch (TimeoutException ex) {
				return false;
			}
		}

	}

}
