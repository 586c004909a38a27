package io.github.headlock.observation;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import io.github.headlock.LockHolder;
import io.github.headlock.PrintableText;
import io.github.headlock.SchemaStatus;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.migration.ManagedSchema;
import io.github.headlock.waiting.Stopwatch;
import io.github.headlock.waiting.TimedCall;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a schema for those who watch, by one read of the database, within two seconds
 * whatever the database does. Thread-safe.
 */
public final class SchemaWatch {

	private static final Logger logger = LoggerFactory.getLogger(SchemaWatch.class);

	/** Leaves a little of the two seconds for the rest of the call. */
	private static final Duration ANSWER_WITHIN = Duration.ofMillis(1800);

	private final Executor executor;

	private final BoundedRead<SchemaStatus> looks;

	private final BoundedRead<Sight> inspections;

	/** Reads on the threads of their callers, as long as they are under way. */
	private final Set<TimedCall<?>> here = ConcurrentHashMap.newKeySet();

	private final SchemaReading reading = new SchemaReading();

	/**
	 * Creates a watch.
	 * @param executor runs the reads, so that a read without an answer does not hold the
	 * caller
	 */
	public SchemaWatch(Executor executor) {
		this.executor = executor;
		this.looks = new BoundedRead<>(executor);
		this.inspections = new BoundedRead<>(executor);
	}

	/**
	 * Looks now where the schema stands, with one statement. Where the data source may be
	 * bound to the calling thread, it is asked there, too, unless the schema is ready.
	 * @param schema where to look
	 * @return what was found; unknown, with the reason, if there was no answer
	 * @throws InterruptedException if this thread is interrupted
	 */
	public SchemaStatus look(ManagedSchema schema) throws InterruptedException {
		Stopwatch stopwatch = new Stopwatch();
		SchemaStatus found = await(this.looks, () -> status(schema, ANSWER_WITHIN), SchemaStatus::unknown);
		Duration left = ANSWER_WITHIN.minus(stopwatch.elapsed());
		if (!mayDifferHere(schema, found, left)) {
			return found;
		}
		return here(() -> status(schema, left), found, left);
	}

	/**
	 * Looks now where the schema, its lock and the application's roles stand, on one
	 * connection.
	 * @param schema where to look
	 * @return what was found, with the reason if something could not be read
	 * @throws InterruptedException if this thread is interrupted
	 */
	Sight inspect(ManagedSchema schema) throws InterruptedException {
		Stopwatch stopwatch = new Stopwatch();
		Sight found = await(this.inspections, () -> sight(schema, ANSWER_WITHIN), Sight::nothing);
		Duration left = ANSWER_WITHIN.minus(stopwatch.elapsed());
		if (!mayDifferHere(schema, found.status(), left)) {
			return found;
		}
		return here(() -> sight(schema, left), found, left);
	}

	private static boolean mayDifferHere(ManagedSchema schema, SchemaStatus found, Duration left) {
		return !found.state().isReady() && left.toMillis() > 0 && schema.connections().mayBeBoundToThread();
	}

	/**
	 * Where nothing can be read here either, what was found before stands. A driver that
	 * is connecting cannot be interrupted; while that holds one caller, it must not hold
	 * others.
	 */
	private <T> T here(Callable<T> read, T before, Duration left) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		if (this.here.stream().anyMatch(TimedCall::isTimedOut)) {
			return before;
		}
		TimedCall<T> call = new TimedCall<>(read);
		this.here.add(call);
		try {
			return call.call(left, this.executor);
		}
		catch (Exception ex) {
			logger.debug("The schema cannot be read on the calling thread either", ex);
			return before;
		}
		finally {
			this.here.remove(call);
		}
	}

	private static <T> T await(BoundedRead<T> reads, Callable<T> read, Function<String, T> without)
			throws InterruptedException {
		try {
			return reads.await(read, ANSWER_WITHIN);
		}
		catch (TimeoutException ex) {
			return without.apply("The database did not answer within " + ANSWER_WITHIN.toMillis() + " ms");
		}
		catch (ExecutionException ex) {
			return without.apply("The database cannot be read: " + PrintableText.line(ex.getCause().getMessage()));
		}
	}

	private SchemaStatus status(ManagedSchema schema, Duration timeout) throws SQLException {
		return this.reading.read(schema, timeout, (connection) -> Sight.of(schema.probe().look(connection))).status();
	}

	private Sight sight(ManagedSchema schema, Duration timeout) throws SQLException {
		return this.reading.read(schema, timeout, (connection) -> sight(schema, connection, timeout));
	}

	private static Sight sight(ManagedSchema schema, Connection connection, Duration timeout) throws SQLException {
		Stopwatch stopwatch = new Stopwatch();
		SchemaStatus status = schema.probe().look(connection);
		LockHolder holder = null;
		try {
			limitReads(connection, timeout.minus(stopwatch.elapsed()));
			holder = new MigrationLock(schema.table()).holder(connection).orElse(null);
			limitReads(connection, timeout.minus(stopwatch.elapsed()));
			return new Sight(status, holder, schema.blockedRoles().list(connection), null);
		}
		catch (SQLException ex) {
			return new Sight(status, holder, List.of(),
					"The lock or the blocked roles cannot be read: " + PrintableText.line(ex.getMessage()));
		}
	}

	private static void limitReads(Connection connection, Duration left) throws SQLException {
		if (left.toMillis() < 1) {
			throw new SQLTimeoutException("No time is left");
		}
		connection.setNetworkTimeout(Runnable::run, Math.toIntExact(left.toMillis()));
	}

}
