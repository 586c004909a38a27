package io.github.headlock.actuate;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;

import io.github.headlock.actuate.SchemaReading.Borrowed;
import io.github.headlock.actuate.SchemaReading.Read;
import io.github.headlock.background.BackgroundLook;
import io.github.headlock.jdbc.RootCause;
import io.github.headlock.jdbc.ServerFacts;
import io.github.headlock.lock.LockHolder;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.startup.ManagedSchema;
import io.github.headlock.startup.SchemaLook;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Reads the state of a schema for health, metrics and endpoint, by one read of each
 * history table, within two seconds. Where the data source may be bound to the calling
 * thread, and the schema is not ready for another one, it is read with a connection for
 * the calling thread, too. Taking that one may last longer, as {@link ThreadBoundReads}
 * says. Thread-safe.
 */
public class BoundedSchemaProbe {

	private static final Logger logger = LoggerFactory.getLogger(BoundedSchemaProbe.class);

	/** Leaves a little of the two seconds for the rest of the call. */
	private static final Duration ANSWER_WITHIN = Duration.ofMillis(1800);

	private static final String STANDBY = "Read from a standby, which does not show who holds the lock on its primary";

	/** Two that ask for the tables, one of their rows, and one for who may not read. */
	private static final int MOST_BACKGROUND_READS = 4;

	private final BoundedRead<SchemaSnapshot> looks;

	private final BoundedRead<SchemaSnapshot> backgroundLooks;

	private final BoundedRead<SchemaSnapshot> inspections;

	private final ThreadBoundReads threadBoundReads;

	private final SchemaReading reading = new SchemaReading();

	/**
	 * Creates the probe.
	 * @param executor runs the reads, so that a read without an answer does not hold the
	 * caller
	 */
	public BoundedSchemaProbe(Executor executor) {
		this.looks = new BoundedRead<>(executor);
		this.backgroundLooks = new BoundedRead<>(executor);
		this.inspections = new BoundedRead<>(executor);
		this.threadBoundReads = new ThreadBoundReads(executor, this.reading);
	}

	/**
	 * Looks now where the schema and the application's roles stand.
	 * @param schema where to look
	 * @return what was found, without the lock; unknown, with the reason, if there was no
	 * answer
	 * @throws InterruptedException if this thread is interrupted
	 */
	SchemaSnapshot look(ManagedSchema schema) throws InterruptedException {
		return read(schema, this.looks, (connection, timeout) -> SchemaSnapshot.of(schema.probe().look(connection)));
	}

	/**
	 * Looks now where the schema, the application's roles and background migrations
	 * stand, on one connection.
	 * @param schema where to look
	 * @return what was found, without the lock; unknown, with the reason, if there was no
	 * answer
	 * @throws InterruptedException if this thread is interrupted
	 */
	SchemaSnapshot lookWithBackground(ManagedSchema schema) throws InterruptedException {
		return read(schema, this.backgroundLooks, (connection, timeout) -> withBackground(schema, connection, timeout));
	}

	/**
	 * Looks now where the schema, its lock, the application's roles and background
	 * migrations stand, on one connection.
	 * @param schema where to look
	 * @return what was found, with the reason if something could not be read
	 * @throws InterruptedException if this thread is interrupted
	 */
	SchemaSnapshot inspect(ManagedSchema schema) throws InterruptedException {
		return read(schema, this.inspections, (connection, timeout) -> sight(schema, connection, timeout));
	}

	private SchemaSnapshot read(ManagedSchema schema, BoundedRead<SchemaSnapshot> reads, Read read)
			throws InterruptedException {
		Stopwatch stopwatch = new Stopwatch();
		SchemaSnapshot found = await(reads, () -> read(schema, read));
		Duration left = ANSWER_WITHIN.minus(stopwatch.elapsed());
		boolean mayDifferHere = this.reading.mayBeBoundToThread(schema) && !isInTransaction();
		if (found.status().state().isReady() || left.toMillis() < 1 || !mayDifferHere) {
			return found;
		}
		try {
			return this.threadBoundReads.read(schema, read, left);
		}
		catch (InterruptedException ex) {
			throw ex;
		}
		catch (Exception ex) {
			logger.debug("The schema cannot be read with a connection for the calling thread either", ex);
			return found;
		}
	}

	/** A read over the connection of a transaction would commit that. */
	private static boolean isInTransaction() {
		return TransactionSynchronizationManager.isActualTransactionActive()
				|| TransactionSynchronizationManager.getResourceMap()
					.values()
					.stream()
					.anyMatch(ConnectionHolder.class::isInstance);
	}

	private SchemaSnapshot read(ManagedSchema schema, Read read) throws SQLException {
		try (Borrowed borrowed = this.reading.borrow(schema)) {
			return this.reading.read(schema, borrowed, ANSWER_WITHIN, read);
		}
	}

	private static SchemaSnapshot await(BoundedRead<SchemaSnapshot> reads, Callable<SchemaSnapshot> read)
			throws InterruptedException {
		try {
			return reads.await(read, ANSWER_WITHIN);
		}
		catch (TimeoutException ex) {
			return SchemaSnapshot.nothing(RootCause.describe(ex));
		}
		catch (ExecutionException ex) {
			Throwable failure = (ex.getCause() != null) ? ex.getCause() : ex;
			return SchemaSnapshot.nothing("The database cannot be read: " + RootCause.describe(failure));
		}
	}

	private static SchemaSnapshot sight(ManagedSchema schema, Connection connection, Duration timeout)
			throws SQLException {
		Stopwatch stopwatch = new Stopwatch();
		SchemaLook look = schema.probe().look(connection);
		LockHolder holder = null;
		String problem = look.problem();
		try {
			limitReads(connection, timeout.minus(stopwatch.elapsed()));
			holder = new MigrationLock(schema.table()).holder(connection).orElse(null);
			limitReads(connection, timeout.minus(stopwatch.elapsed()));
			problem = joined(problem, ServerFacts.isStandby(connection) ? STANDBY : null);
		}
		catch (SQLException ex) {
			problem = joined(problem, "The lock cannot be read: " + RootCause.describe(ex));
		}
		BackgroundLook background = background(schema, connection, timeout.minus(stopwatch.elapsed()));
		return new SchemaSnapshot(look.status(), holder, look.blockedRoles(), background.migrations(),
				joined(problem, background.problem()));
	}

	private static SchemaSnapshot withBackground(ManagedSchema schema, Connection connection, Duration timeout)
			throws SQLException {
		Stopwatch stopwatch = new Stopwatch();
		SchemaLook look = schema.probe().look(connection);
		BackgroundLook background = background(schema, connection, timeout.minus(stopwatch.elapsed()));
		return new SchemaSnapshot(look.status(), null, look.blockedRoles(), background.migrations(), look.problem());
	}

	/** In a part of the time, so that what was read before is told in any case. */
	private static BackgroundLook background(ManagedSchema schema, Connection connection, Duration left) {
		try {
			limitReads(connection, left.dividedBy(MOST_BACKGROUND_READS));
		}
		catch (SQLException ex) {
			return schema.backgroundOperations().unknown(ex);
		}
		return schema.backgroundOperations().look(connection);
	}

	private static @Nullable String joined(@Nullable String first, @Nullable String second) {
		return (first != null && second != null) ? first + ". " + second : (first != null) ? first : second;
	}

	private static void limitReads(Connection connection, Duration left) throws SQLException {
		if (left.toMillis() < 1) {
			throw new SQLTimeoutException("No time is left");
		}
		connection.setNetworkTimeout(Runnable::run, Math.toIntExact(left.toMillis()));
	}

}
