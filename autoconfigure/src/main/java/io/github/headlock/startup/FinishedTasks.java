package io.github.headlock.startup;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Remembers which tasks of one application context need not be run any more. It is kept
 * in the context that defines the tasks, so that of several children, each of which sees
 * the tasks of their parent, only the first one runs them.
 */
final class FinishedTasks {

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
	 * Runs a task unless that is done. Another child that runs one of the same context is
	 * waited for.
	 * @param name name of the task
	 * @param task runs it; it counts as run when this returns
	 */
	void runOnce(String name, Runnable task) {
		this.running.lock();
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
