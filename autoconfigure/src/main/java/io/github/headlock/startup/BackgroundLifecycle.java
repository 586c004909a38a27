package io.github.headlock.startup;

import java.util.List;

import io.github.headlock.background.BackgroundRunner;

import org.springframework.context.SmartLifecycle;

/**
 * Works on background migrations while the application runs: from the end of its start,
 * and until it begins to stop.
 */
public class BackgroundLifecycle implements SmartLifecycle {

	private final HeadlockMigrationStrategy strategy;

	private volatile List<BackgroundRunner> started = List.of();

	private volatile boolean running;

	/**
	 * Creates it.
	 * @param strategy knows the schemas
	 */
	public BackgroundLifecycle(HeadlockMigrationStrategy strategy) {
		this.strategy = strategy;
	}

	@Override
	public void start() {
		this.started = this.strategy.managed().map(ManagedSchema::backgroundRunners).orElse(List.of());
		this.started.forEach(BackgroundRunner::start);
		this.running = true;
	}

	@Override
	public void stop() {
		this.started.forEach(BackgroundRunner::close);
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

}
