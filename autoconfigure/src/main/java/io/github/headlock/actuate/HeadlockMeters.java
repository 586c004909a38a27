package io.github.headlock.actuate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.MigrationReport;
import io.github.headlock.SchemaState;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.ObjectProvider;

/**
 * Tells in metrics how the start of this process went, and where the schema and
 * background migrations stand.
 */
public class HeadlockMeters implements MeterBinder, MigrationListener {

	private final HeadlockMigrationStrategy strategy;

	private final RecentLook look;

	/** Kept, because gauges do not keep what they read. */
	private final BackgroundMeters background;

	private final ObjectProvider<MeterRegistry> all;

	private final List<MeterRegistry> registries = new ArrayList<>();

	private final List<MigrationReport> reports = new ArrayList<>();

	/**
	 * Creates the meters.
	 * @param strategy knows the schema
	 * @param probe looks at it
	 * @param all the application's registries, for a start that fails before they ask
	 */
	public HeadlockMeters(HeadlockMigrationStrategy strategy, BoundedSchemaProbe probe,
			ObjectProvider<MeterRegistry> all) {
		this.strategy = strategy;
		this.look = new RecentLook(strategy, probe);
		this.background = new BackgroundMeters(strategy.background().counts(), this.look);
		this.all = all;
	}

	@Override
	public synchronized void bindTo(MeterRegistry registry) {
		if (!this.strategy.isTurnedOn()) {
			return;
		}
		this.registries.add(registry);
		this.reports.forEach((report) -> record(registry, report));
		FunctionCounter.builder("headlock.sessions.terminated", this, HeadlockMeters::terminatedSessions)
			.description("Sessions of the application that this process terminated for a migration")
			.register(registry);
		gauge(registry, "headlock.schema.pending",
				"Migrations of this release that the schema lacks, NaN if unknown; read at most every 5 s",
				(found) -> !isUnknown(found) ? found.status().pending() : Double.NaN);
		gauge(registry, "headlock.schema.at.head",
				"1 if this release can work with the schema as it is, else 0; read at most every 5 s",
				(found) -> found.status().state().isReady() ? 1 : 0);
		gauge(registry, "headlock.roles.blocked",
				"Roles of the application that are blocked for a migration, NaN if unknown; read at most every 5 s",
				(found) -> (found.problem() != null && found.blockedRoles().isEmpty()) ? Double.NaN
						: found.blockedRoles().size());
		this.background.bindTo(registry);
	}

	private static boolean isUnknown(SchemaSnapshot found) {
		return found.status().state() == SchemaState.UNKNOWN;
	}

	private void gauge(MeterRegistry registry, String name, String description,
			ToDoubleFunction<SchemaSnapshot> value) {
		Gauge.builder(name, this, (meters) -> value.applyAsDouble(meters.look.get()))
			.description(description)
			.register(registry);
	}

	@Override
	public synchronized void succeeded(MigrationReport report) {
		this.reports.add(report);
		this.registries.forEach((registry) -> record(registry, report));
	}

	@Override
	public void failed(RuntimeException failure, Duration took) {
		this.all.ifAvailable((registry) -> migration(registry, MigrationOutcome.FAILED).record(took));
	}

	private synchronized int terminatedSessions() {
		return this.reports.stream().mapToInt(MigrationReport::terminatedSessions).sum();
	}

	private static void record(MeterRegistry registry, MigrationReport report) {
		migration(registry, report.outcome()).record(report.took());
		if (report.outcome() == MigrationOutcome.MIGRATED || report.outcome() == MigrationOutcome.WAITED) {
			Timer.builder("headlock.lock.wait")
				.description("Wait for the migration lock, or for another process to migrate; not on the fast path")
				.register(registry)
				.record(report.waited());
		}
		if (report.outcome() == MigrationOutcome.MIGRATED) {
			Timer.builder("headlock.lock.held")
				.description("Time that this process held the migration lock to migrate")
				.register(registry)
				.record(report.held());
		}
	}

	private static Timer migration(MeterRegistry registry, MigrationOutcome outcome) {
		return Timer.builder("headlock.migration")
			.description("Database part of the start of this process, by its outcome")
			.tag("outcome", outcome.id())
			.register(registry);
	}

}
