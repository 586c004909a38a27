package io.github.headlock.actuate;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.github.headlock.actuate.SchemaReading.Borrowed;
import io.github.headlock.actuate.SchemaReading.Read;
import io.github.headlock.startup.ManagedSchema;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.TimedCall;

/**
 * Reads for data sources that are bound to threads. The connection is taken on the thread
 * of the caller, and used on another one, so that a read without an answer does not hold
 * the caller. Thread-safe.
 * <p>
 * Taking the connection ends in time where an interrupt ends it, as it does a wait for a
 * pool. An interrupt does not end the validation of an idle connection, nor a driver that
 * is connecting.
 */
final class ThreadBoundReads {

	private final Executor executor;

	private final SchemaReading reading;

	/** Each read takes two threads of the executor. */
	private final Semaphore free = new Semaphore(BoundedRead.MOST_WAITING);

	private final Set<Deadline> underWay = ConcurrentHashMap.newKeySet();

	ThreadBoundReads(Executor executor, SchemaReading reading) {
		this.executor = executor;
		this.reading = reading;
	}

	/**
	 * Reads with a connection for the calling thread.
	 * @param schema what to read
	 * @param read what to do with a connection, on a thread of the executor
	 * @param atMost when to give up
	 * @return what was read
	 * @throws Exception if it could not be read in time, if a read for another caller has
	 * not ended although its time is over, or if there are too many of them
	 */
	SchemaSnapshot read(ManagedSchema schema, Read read, Duration atMost) throws Exception {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		Deadline deadline = begin(atMost);
		CompletableFuture<SchemaSnapshot> result = new CompletableFuture<>();
		try {
			Borrowed borrowed = new TimedCall<>(() -> this.reading.borrow(schema)).call(deadline.remaining(),
					this.executor);
			start(borrowed, () -> complete(result, schema, borrowed, read, deadline));
		}
		catch (Exception | Error ex) {
			end(deadline);
			throw ex;
		}
		return result.get(Math.max(0, deadline.remaining().toMillis()), TimeUnit.MILLISECONDS);
	}

	private Deadline begin(Duration atMost) throws SQLException, InterruptedException {
		Deadline deadline = Deadline.in(atMost);
		if (this.underWay.stream().anyMatch(Deadline::isOver)) {
			throw new SQLTimeoutException("A read for another caller has not ended in time");
		}
		if (!this.free.tryAcquire(BoundedRead.QUICK.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new SQLTimeoutException(BoundedRead.MOST_WAITING + " reads for other callers have not ended");
		}
		this.underWay.add(deadline);
		return deadline;
	}

	private void end(Deadline deadline) {
		this.underWay.remove(deadline);
		this.free.release();
	}

	private void start(Borrowed borrowed, Runnable task) throws SQLException {
		try {
			this.executor.execute(task);
		}
		catch (RuntimeException ex) {
			borrowed.close();
			throw ex;
		}
	}

	private void complete(CompletableFuture<SchemaSnapshot> result, ManagedSchema schema, Borrowed borrowed, Read read,
			Deadline deadline) {
		try {
			result.complete(readAndClose(schema, borrowed, read, deadline));
		}
		catch (SQLException | RuntimeException | Error ex) {
			result.completeExceptionally(ex);
		}
		finally {
			end(deadline);
		}
	}

	private SchemaSnapshot readAndClose(ManagedSchema schema, Borrowed borrowed, Read read, Deadline deadline)
			throws SQLException {
		try (borrowed) {
			return this.reading.read(schema, borrowed, deadline.remaining(), read);
		}
	}

}
