package io.github.headlock.observation;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.headlock.SchemaStatus;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.head.HeadProbe;
import io.github.headlock.migration.ManagedSchema;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a schema for those who watch, by one read of the database, within two seconds
 * whatever the database does. Thread-safe.
 */
public final class SchemaWatch {

	/** Leaves a little of the two seconds for the rest of the call. */
	private static final Duration ANSWER_WITHIN = Duration.ofMillis(1800);

	/** A data source that hangs for so long may be all right for the next request. */
	private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(30);

	private final Executor executor;

	private @Nullable CompletableFuture<SchemaStatus> underWay;

	/** By {@link System#nanoTime()}, when the read that is under way began. */
	private long underWaySince;

	/**
	 * Creates a watch.
	 * @param executor runs the reads, so that a read without an answer does not hold the
	 * caller
	 */
	public SchemaWatch(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Looks now.
	 * @param schema where to look
	 * @return what was found; unknown, with the reason, if there was no answer
	 * @throws InterruptedException if this thread is interrupted
	 */
	public SchemaStatus look(ManagedSchema schema) throws InterruptedException {
		CompletableFuture<SchemaStatus> look = start(schema);
		try {
			return look.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			return SchemaStatus.unknown("The database did not answer within " + ANSWER_WITHIN.toMillis() + " ms");
		}
		catch (ExecutionException ex) {
			return SchemaStatus.unknown("The database cannot be read: " + ex.getCause().getMessage());
		}
	}

	/**
	 * Joins the read that is under way, if there is one, so that calls do not pile up on
	 * a database that does not answer.
	 */
	private synchronized CompletableFuture<SchemaStatus> start(ManagedSchema schema) {
		boolean givenUp = System.nanoTime() - this.underWaySince > GIVE_UP_AFTER.toNanos();
		if (this.underWay == null || this.underWay.isDone() || givenUp) {
			CompletableFuture<SchemaStatus> look = new CompletableFuture<>();
			this.executor.execute(() -> complete(look, schema));
			this.underWay = look;
			this.underWaySince = System.nanoTime();
		}
		return this.underWay;
	}

	private static void complete(CompletableFuture<SchemaStatus> look, ManagedSchema schema) {
		try {
			// after the connection is closed, so that the next call finds it free
			look.complete(look(schema.connections(), schema.probe()));
		}
		catch (SQLException | RuntimeException | Error ex) {
			look.completeExceptionally(ex);
		}
	}

	private static SchemaStatus look(MigrationConnections connections, HeadProbe probe) throws SQLException {
		try (Connection connection = connections.borrow(ANSWER_WITHIN)) {
			return probe.look(connection);
		}
	}

}
