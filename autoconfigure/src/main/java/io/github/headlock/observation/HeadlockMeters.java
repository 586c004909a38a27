package io.github.headlock.observation;

import io.github.headlock.migration.HeadlockMigrationStrategy;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Tells in metrics how the start of this process went.
 */
public final class HeadlockMeters implements MeterBinder {

	private final HeadlockMigrationStrategy strategy;

	/**
	 * Creates the meters.
	 * @param strategy knows how the start went
	 */
	public HeadlockMeters(HeadlockMigrationStrategy strategy) {
		this.strategy = strategy;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		FunctionCounter
			.builder("headlock.sessions.terminated", this.strategy,
					(strategy) -> strategy.managed().map((schema) -> schema.report().terminatedSessions()).orElse(0))
			.description("Sessions of the application that were terminated for a migration")
			.register(registry);
	}

}
