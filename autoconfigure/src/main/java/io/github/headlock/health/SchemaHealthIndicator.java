package io.github.headlock.health;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.headlock.SchemaStatus;
import io.github.headlock.StartReport;
import io.github.headlock.database.MigrationConnections;
import io.github.headlock.head.HeadProbe;
import io.github.headlock.migration.HeadlockMigrationStrategy;
import io.github.headlock.migration.ManagedSchema;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Says whether the schema is at head, by one read of the database at each call, within
 * two seconds whatever the database does.
 */
public final class SchemaHealthIndicator extends AbstractHealthIndicator {

	/** Leaves a little of the two seconds for the rest of the call. */
	private static final Duration ANSWER_WITHIN = Duration.ofMillis(1800);

	/** A data source that hangs for so long may be all right for the next request. */
	private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(30);

	private final HeadlockMigrationStrategy strategy;

	private final Executor executor;

	private @Nullable CompletableFuture<SchemaStatus> underWay;

	/** By {@link System#nanoTime()}, when the read that is under way began. */
	private long underWaySince;

	/**
	 * Creates the indicator.
	 * @param strategy knows the schema
	 * @param executor runs the reads, so that a read without an answer does not hold the
	 * caller
	 */
	public SchemaHealthIndicator(HeadlockMigrationStrategy strategy, Executor executor) {
		super("The state of the schema cannot be told");
		this.strategy = strategy;
		this.executor = executor;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) throws InterruptedException {
		Optional<ManagedSchema> managed = this.strategy.managed();
		if (managed.isEmpty()) {
			builder.unknown().withDetail("reason", "Headlock manages no schema in this process");
			return;
		}
		SchemaStatus status = look(managed.get());
		switch (status.state()) {
			case AT_HEAD, AHEAD -> builder.up();
			case BEHIND -> builder.outOfService();
			case FAILED, UNKNOWN -> builder.down();
		}
		addDetails(builder, status, managed.get().report());
	}

	private SchemaStatus look(ManagedSchema schema) throws InterruptedException {
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

	private static void addDetails(Health.Builder builder, SchemaStatus status, StartReport report) {
		builder.withDetail("state", status.state().name());
		addIfPresent(builder, "currentVersion", status.currentVersion());
		addIfPresent(builder, "headVersion", status.headVersion());
		builder.withDetail("pending", status.pending());
		addIfPresent(builder, "reason", status.reason());
		builder.withDetail("outcome", report.outcome().id());
		builder.withDetail("waited", text(report.waited()));
		builder.withDetail("took", text(report.took()));
	}

	private static void addIfPresent(Health.Builder builder, String name, @Nullable String value) {
		if (value != null) {
			builder.withDetail(name, value);
		}
	}

	private static String text(Duration duration) {
		return duration.truncatedTo(ChronoUnit.MILLIS).toString();
	}

}
