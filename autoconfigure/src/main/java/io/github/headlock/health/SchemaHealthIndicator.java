package io.github.headlock.health;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

import io.github.headlock.SchemaStatus;
import io.github.headlock.StartReport;
import io.github.headlock.migration.HeadlockMigrationStrategy;
import io.github.headlock.migration.ManagedSchema;
import io.github.headlock.observation.SchemaWatch;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Says whether the schema is at head, by one read of the database at each call, within
 * two seconds whatever the database does.
 */
public final class SchemaHealthIndicator extends AbstractHealthIndicator {

	private final HeadlockMigrationStrategy strategy;

	private final SchemaWatch watch;

	/**
	 * Creates the indicator.
	 * @param strategy knows the schema
	 * @param watch looks at it
	 */
	public SchemaHealthIndicator(HeadlockMigrationStrategy strategy, SchemaWatch watch) {
		super("The state of the schema cannot be told");
		this.strategy = strategy;
		this.watch = watch;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) throws InterruptedException {
		Optional<ManagedSchema> managed = this.strategy.managed();
		if (managed.isEmpty()) {
			builder.unknown().withDetail("reason", "Headlock manages no schema in this process");
			return;
		}
		SchemaStatus status = this.watch.look(managed.get());
		switch (status.state()) {
			case AT_HEAD, AHEAD -> builder.up();
			case BEHIND -> builder.outOfService();
			case FAILED, UNKNOWN -> builder.down();
		}
		addDetails(builder, status, managed.get().report());
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
