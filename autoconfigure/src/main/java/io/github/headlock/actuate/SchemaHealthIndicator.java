package io.github.headlock.actuate;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaStatus;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.ManagedSchema;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Says whether the schema is at head, by one read of the database at each call, within
 * two seconds. A data source that is bound to the calling thread, and takes no notice of
 * an interrupt, may make it longer. It is unknown where Headlock manages no schema.
 */
public class SchemaHealthIndicator extends AbstractHealthIndicator {

	private final Supplier<@Nullable HeadlockMigrationStrategy> strategy;

	private final Supplier<BoundedSchemaProbe> probe;

	private final @Nullable String turnedOffBy;

	/**
	 * Creates the indicator.
	 * @param strategy supplies what knows the schema, {@code null} where Headlock takes
	 * no part
	 * @param probe supplies what looks at it, asked only where there is a schema
	 * @param turnedOffBy name of the property that turns the check off, {@code null} if
	 * it is on
	 */
	public SchemaHealthIndicator(Supplier<@Nullable HeadlockMigrationStrategy> strategy,
			Supplier<BoundedSchemaProbe> probe, @Nullable String turnedOffBy) {
		super("The state of the schema cannot be determined");
		this.strategy = strategy;
		this.probe = probe;
		this.turnedOffBy = turnedOffBy;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) throws InterruptedException {
		if (this.turnedOffBy != null) {
			builder.unknown()
				.withDetail("reason",
						String.format(Locale.ROOT, "It is not checked, because %s=false is set", this.turnedOffBy));
			return;
		}
		Optional<ManagedSchema> managed = Optional.ofNullable(this.strategy.get())
			.flatMap(HeadlockMigrationStrategy::managed);
		if (managed.isEmpty()) {
			builder.unknown().withDetail("reason", "Headlock manages no schema in this process");
			return;
		}
		SchemaSnapshot found = this.probe.get().look(managed.get());
		switch (found.status().state()) {
			case AT_HEAD, AHEAD -> builder.up();
			case BEHIND -> builder.outOfService();
			case FAILED, UNKNOWN -> builder.down();
		}
		addDetails(builder, found, managed.get().report());
	}

	private static void addDetails(Health.Builder builder, SchemaSnapshot found, MigrationReport report) {
		SchemaStatus status = found.status();
		builder.withDetail("state", status.state().name());
		addIfPresent(builder, "currentVersion", status.currentVersion());
		addIfPresent(builder, "headVersion", status.headVersion());
		builder.withDetail("pending", status.pending());
		addIfPresent(builder, "reason", status.reason());
		if (!found.blockedRoles().isEmpty()) {
			builder.withDetail("blockedRoles", found.blockedRoles());
		}
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
