package io.github.headlock.startup;

import java.util.Locale;

import io.github.headlock.HeadlockException;
import io.github.headlock.SchemaReadyTask;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a task that is due when the schema is ready failed. The schema is ready,
 * and earlier tasks have run. Exit code 1.
 *
 * @see SchemaReadyTask
 */
public class SchemaReadyTaskException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final String task;

	/**
	 * Creates the exception.
	 * @param task bean name of the task
	 * @param type name of its class
	 * @param cause what it failed with
	 */
	public SchemaReadyTaskException(String task, String type, Exception cause) {
		super(1, String.format(Locale.ROOT, "The schema is ready, but the task \"%s\" (%s) failed: %s", task, type,
				cause), cause);
		this.task = task;
	}

	/**
	 * Returns the task.
	 * @return its bean name
	 */
	public String getTask() {
		return this.task;
	}

	@Override
	public @Nullable String getAction() {
		return null;
	}

}
