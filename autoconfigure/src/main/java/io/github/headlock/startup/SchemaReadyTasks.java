package io.github.headlock.startup;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

import io.github.headlock.SchemaReadyTask;
import io.github.headlock.SchemaStatus;
import io.github.headlock.lock.HeldLock;
import io.github.headlock.lock.LockLostException;
import io.github.headlock.waiting.Stopwatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.context.SmartLifecycle;

/**
 * Runs the application's tasks once the schema is ready and all its singletons are there,
 * before anything of it takes work from outside.
 */
public class SchemaReadyTasks implements SmartLifecycle {

	/** Before the web server, listeners of messages, and whatever has Spring's 0. */
	static final int PHASE = -1024;

	private static final Logger logger = LoggerFactory.getLogger(SchemaReadyTasks.class);

	private final ConfigurableListableBeanFactory beans;

	private final NamedBeans<SchemaReadyTask> tasks;

	private final Duration lockTimeout;

	private final Duration pollInterval;

	private boolean begun;

	/**
	 * Prepares to run the tasks.
	 * @param beans the application's beans, the tasks among them
	 * @param lockTimeout longest wait of a task that one process runs at a time
	 * @param pollInterval mean pause between two tries
	 */
	public SchemaReadyTasks(ConfigurableListableBeanFactory beans, Duration lockTimeout, Duration pollInterval) {
		this.beans = beans;
		this.tasks = new NamedBeans<>(beans, SchemaReadyTask.class);
		this.lockTimeout = lockTimeout;
		this.pollInterval = pollInterval;
	}

	/**
	 * Runs the tasks of this context, and those of its parents that no other context has
	 * run. They are not run again when a context that was stopped starts again.
	 * @throws SchemaReadyTaskException if a task failed
	 * @throws io.github.headlock.lock.LockTimeoutException if it was never the turn of
	 * one
	 * @throws io.github.headlock.jdbc.PoolTooSmallException if the lock of one takes the
	 * only connection of a pool
	 */
	@Override
	public void start() {
		if (!this.begun) {
			this.begun = true;
			List<String> names = this.tasks.names()
				.stream()
				.filter((name) -> !FinishedTasks.where(this.beans, name).contain(name))
				.toList();
			if (!names.isEmpty()) {
				runIfReady(names);
			}
		}
	}

	private void runIfReady(List<String> names) {
		// also where the application's beans are created only when they are asked for
		if (this.beans.getBeanProvider(FlywayMigrationInitializer.class).stream().toList().isEmpty()) {
			logger.warn("The tasks {} are not run: the application has no Flyway that Spring Boot migrates with",
					names);
			return;
		}
		Optional<ManagedSchema> schema = this.beans.getBeanProvider(HeadlockMigrationStrategy.class)
			.stream()
			.flatMap((strategy) -> strategy.managed().stream())
			.findFirst();
		if (schema.isPresent() && !schema.get().report().isSchemaReady()) {
			logger.warn("The tasks {} are not run: this process skips migrations, and the schema is {}", names,
					schema.get().report().status().state());
			names.forEach((name) -> FinishedTasks.where(this.beans, name).add(name));
			return;
		}
		runAll(names, schema.orElse(null));
	}

	private void runAll(List<String> names, @Nullable ManagedSchema schema) {
		Map<String, SchemaReadyTask> created = new LinkedHashMap<>();
		names.forEach((name) -> this.tasks.get(name).ifPresent((task) -> created.put(name, task)));
		this.tasks.inOrder(created).forEach((name, task) -> runOnce(name, task, schema));
	}

	private void runOnce(String name, SchemaReadyTask task, @Nullable ManagedSchema schema) {
		try {
			FinishedTasks.where(this.beans, name).runOnce(name, () -> run(name, task, schema), this.lockTimeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SchemaReadyTaskException(name, task.getClass().getName(), ex);
		}
		catch (TimeoutException ex) {
			throw new SchemaReadyTaskException(name, task.getClass().getName(), ex);
		}
	}

	private void run(String name, SchemaReadyTask task, @Nullable ManagedSchema schema) {
		if (schema == null) {
			if (task.isOneAtATime()) {
				logger.warn("The task \"{}\" is to be run by one process at a time, but Headlock is not active, so "
						+ "nothing keeps others from running it now", name);
			}
			run(name, task, SchemaStatus.unknown("Headlock is not active"));
		}
		else if (task.isOneAtATime()) {
			runAlone(name, task, schema);
		}
		else {
			run(name, task, schema.report().status());
		}
	}

	private void runAlone(String name, SchemaReadyTask task, ManagedSchema schema) {
		try (HeldLock lock = new ExclusiveTaskLock(name, schema, this.lockTimeout, this.pollInterval).await()) {
			lock.keepAlive();
			schema.connections().ensureAtLeast(2, this.lockTimeout);
			run(name, task, schema.report().status());
			lock.ensureHeld();
		}
		catch (LockLostException ex) {
			logger.warn("The connection that held the lock for the task \"{}\" ended before the task did, so another "
					+ "process may have run it at the same time", name, ex);
		}
	}

	private static void run(String name, SchemaReadyTask task, SchemaStatus status) {
		Stopwatch stopwatch = new Stopwatch();
		try {
			task.run(status);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SchemaReadyTaskException(name, task.getClass().getName(), ex);
		}
		catch (Exception ex) {
			throw new SchemaReadyTaskException(name, task.getClass().getName(), ex);
		}
		logger.info("Task \"{}\" done, took {}", name, Stopwatch.seconds(stopwatch.elapsed()));
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	/** There is nothing to stop. */
	@Override
	public void stop() {
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public boolean isRunning() {
		return this.begun;
	}

}
