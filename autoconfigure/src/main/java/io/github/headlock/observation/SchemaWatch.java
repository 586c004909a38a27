package io.github.headlock.observation;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import io.github.headlock.LockHolder;
import io.github.headlock.SchemaStatus;
import io.github.headlock.lock.MigrationLock;
import io.github.headlock.migration.ManagedSchema;

/**
 * Looks at a schema for those who watch, by one read of the database, within two seconds
 * whatever the database does. Thread-safe.
 */
public final class SchemaWatch {

	/** Leaves a little of the two seconds for the rest of the call. */
	private static final Duration ANSWER_WITHIN = Duration.ofMillis(1800);

	private final BoundedRead<SchemaStatus> looks;

	private final BoundedRead<Sight> inspections;

	private final SchemaReading reading = new SchemaReading();

	/**
	 * Creates a watch.
	 * @param executor runs the reads, so that a read without an answer does not hold the
	 * caller
	 */
	public SchemaWatch(Executor executor) {
		this.looks = new BoundedRead<>(executor);
		this.inspections = new BoundedRead<>(executor);
	}

	/**
	 * Looks now where the schema stands, with one statement.
	 * @param schema where to look
	 * @return what was found; unknown, with the reason, if there was no answer
	 * @throws InterruptedException if this thread is interrupted
	 */
	public SchemaStatus look(ManagedSchema schema) throws InterruptedException {
		return await(this.looks, () -> status(schema), SchemaStatus::unknown);
	}

	/**
	 * Looks now where the schema, its lock and the application's roles stand, on one
	 * connection.
	 * @param schema where to look
	 * @return what was found, with the reason if something could not be read
	 * @throws InterruptedException if this thread is interrupted
	 */
	Sight inspect(ManagedSchema schema) throws InterruptedException {
		return await(this.inspections, () -> sight(schema), Sight::nothing);
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
			return without.apply("The database cannot be read: " + ex.getCause().getMessage());
		}
	}

	private SchemaStatus status(ManagedSchema schema) throws SQLException {
		return this.reading.read(schema, ANSWER_WITHIN, (connection) -> Sight.of(schema.probe().look(connection)))
			.status();
	}

	private Sight sight(ManagedSchema schema) throws SQLException {
		return this.reading.read(schema, ANSWER_WITHIN, (connection) -> sight(schema, connection));
	}

	private static Sight sight(ManagedSchema schema, Connection connection) throws SQLException {
		SchemaStatus status = schema.probe().look(connection);
		LockHolder holder = null;
		try {
			holder = new MigrationLock(schema.table()).holder(connection).orElse(null);
			return new Sight(status, holder, schema.blockedRoles().list(connection), null);
		}
		catch (SQLException ex) {
			return new Sight(status, holder, List.of(),
					"The lock or the blocked roles cannot be read: " + ex.getMessage());
		}
	}

}
