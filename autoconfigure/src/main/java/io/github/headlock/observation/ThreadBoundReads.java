package io.github.headlock.observation;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import io.github.headlock.migration.ManagedSchema;
import io.github.headlock.observation.SchemaReading.Borrowed;
import io.github.headlock.observation.SchemaReading.Read;
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

	private final Set<Deadline> underWay = ConcurrentHashMap.newKeySet();

	ThreadBoundReads(Executor executor, SchemaReading reading) {
		this.executor = executor;
		this.reading = reading;
	}

	/**
	 * Reads.
	 * @param schema what to read
	 * @param read what to do with a connection, on a thread of the executor
	 * @param atMost when to give up
	 * @return what was read
	 * @throws Exception if it could not be read in time, or if a read for another caller
	 * has not ended although its time is over
	 */
	Sight read(ManagedSchema schema, Read read, Duration atMost) throws Exception {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		if (this.underWay.stream().anyMatch(Deadline::isOver)) {
			throw new SQLTimeoutException("A read for another caller has not ended in time");
		}
		Deadline deadline = Deadline.in(atMost);
		this.underWay.add(deadline);
		CompletableFuture<Sight> result = new CompletableFuture<>();
		try {
			Borrowed borrowed = new TimedCall<>(() -> this.reading.borrow(schema)).call(atMost, this.executor);
			start(borrowed, () -> complete(result, schema, borrowed, read, deadline));
		}
		catch (Exception | Error ex) {
			this.underWay.remove(deadline);
			throw ex;
		}
		return result.get(Math.max(0, deadline.remaining().toMillis()), TimeUnit.MILLISECONDS);
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

	private void complete(CompletableFuture<Sight> result, ManagedSchema schema, Borrowed borrowed, Read read,
			Deadline deadline) {
		try {
			result.complete(readAndClose(schema, borrowed, read, deadline));
		}
		catch (SQLException | RuntimeException | Error ex) {
			result.completeExceptionally(ex);
		}
		finally {
			this.underWay.remove(deadline);
		}
	}

	private Sight readAndClose(ManagedSchema schema, Borrowed borrowed, Read read, Deadline deadline)
			throws SQLException {
		try (borrowed) {
			return this.reading.read(schema, borrowed, deadline.remaining(), read);
		}
	}

}
