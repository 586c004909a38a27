package io.github.headlock.startup;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

import io.github.headlock.waiting.Stopwatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Remembers which tasks of one application context need not be run any more. It is kept
 * in the context that defines the tasks, so that of several children, each of which sees
 * the tasks of their parent, only the first one runs them.
 */
final class FinishedTasks {

	private static final Logger logger = LoggerFactory.getLogger(FinishedTasks.class);

	private static final String BEAN_NAME = FinishedTasks.class.getName();

	private final Set<String> names = ConcurrentHashMap.newKeySet();

	private final ReentrantLock running = new ReentrantLock();

	private FinishedTasks() {
	}

	/**
	 * Returns what is remembered of the context that defines a task.
	 * @param beans the bean factory of this context or of a child
	 * @param name name of the task
	 * @return what is remembered there
	 */
	static FinishedTasks where(ConfigurableListableBeanFactory beans, String name) {
		if (!beans.containsLocalBean(name)
				&& beans.getParentBeanFactory() instanceof ConfigurableListableBeanFactory parent) {
			return where(parent, name);
		}
		synchronized (beans) {
			if (beans.getSingleton(BEAN_NAME) instanceof FinishedTasks known) {
				return known;
			}
			FinishedTasks created = new FinishedTasks();
			beans.registerSingleton(BEAN_NAME, created);
			return created;
		}
	}

	boolean contain(String name) {
		return this.names.contains(name);
	}

	/**
	 * Runs a task unless that is done, or under way on this thread. Another context that
	 * runs one of these tasks is waited for.
	 * @param name name of the task
	 * @param task runs it; it counts as run when this returns
	 * @param timeout longest wait for another context
	 * @throws InterruptedException if this thread was interrupted while it waited
	 * @throws TimeoutException if the wait was too long
	 */
	void runOnce(String name, Runnable task, Duration timeout) throws InterruptedException, TimeoutException {
		if (this.running.isHeldByCurrentThread()) {
			return;
		}
		if (!this.running.tryLock()) {
			logger.info(
					"Waiting for another context of this process, which runs tasks, before the task \"{}\" (at most {})",
					name, Stopwatch.seconds(timeout));
			if (!this.running.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new TimeoutException(
						"Another context of this process has run tasks for longer than " + Stopwatch.seconds(timeout));
			}
		}
		try {
			if (!contain(name)) {
				task.run();
				this.names.add(name);
			}
		}
		finally {
			this.running.unlock();
		}
	}

	/**
	 * Remembers a task that is not to be run.
	 * @param name name of the task
	 */
	void add(String name) {
		this.names.add(name);
	}

}
