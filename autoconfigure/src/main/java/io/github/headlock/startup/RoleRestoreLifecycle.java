package io.github.headlock.startup;

import java.util.List;

import io.github.headlock.roles.RoleRestoreWatch;

import org.springframework.context.SmartLifecycle;

/**
 * Watches, while the application runs, for roles that a migration left blocked.
 */
public class RoleRestoreLifecycle implements SmartLifecycle {

	private final HeadlockMigrationStrategy strategy;

	private volatile List<RoleRestoreWatch> started = List.of();

	private volatile boolean running;

	/**
	 * Creates it.
	 * @param strategy knows the schemas
	 */
	public RoleRestoreLifecycle(HeadlockMigrationStrategy strategy) {
		this.strategy = strategy;
	}

	@Override
	public void start() {
		this.started = this.strategy.managed().map(ManagedSchema::roleRestoreWatches).orElse(List.of());
		this.started.forEach(RoleRestoreWatch::start);
		this.running = true;
	}

	@Override
	public void stop() {
		this.started.forEach(RoleRestoreWatch::close);
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

}
