package io.github.headlock.waiting;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task from time to time on a daemon thread of its own, until it is closed. What
 * the task throws is logged and does not end the schedule, as it would with an executor
 * alone: at WARN if the run before did not fail, else at DEBUG.
 */
public final class PeriodicTask implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(PeriodicTask.class);

	private final String name;

	private final Runnable task;

	private final ScheduledExecutorService executor;

	private boolean failed;

	/**
	 * Begins. The first run is one interval from now.
	 * @param name name of the thread
	 * @param interval pause before each run
	 * @param task what to run
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // run() lets no failure out
	public PeriodicTask(String name, Duration interval, Runnable task) {
		this.name = name;
		this.task = task;
		this.executor = Executors.newSingleThreadScheduledExecutor((run) -> {
			Thread thread = new Thread(run, name);
			thread.setDaemon(true);
			return thread;
		});
		this.executor.scheduleWithFixedDelay(this::run, interval.toMillis(), interval.toMillis(),
				TimeUnit.MILLISECONDS);
	}

	private void run() {
		try {
			this.task.run();
			this.failed = false;
		}
		catch (RuntimeException | Error ex) {
			if (this.failed) {
				logger.debug("The periodic task {} failed again", this.name, ex);
			}
			else {
				logger.warn("The periodic task {} failed; it is run again after its interval", this.name, ex);
			}
			this.failed = true;
		}
	}

	/** Lets a run that has begun come to its end, and begins no further one. */
	@Override
	public void close() {
		this.executor.shutdown();
	}

}
