package io.github.headlock;

/**
 * Work of the application that is due when the schema is ready: reference data, a first
 * administrator. Beans of this type are run at every start, one after the other in the
 * order of Spring's {@link org.springframework.core.annotation.Order @Order}, when all
 * singletons of the application are there, and before the web server takes requests and
 * the application's runners run. They are not run when the process skips migrations and
 * the schema is behind, nor when it exits after the migration. Where the application has
 * several contexts, a task is run once, with the context that defines it or, if that has
 * no Flyway, with the first of its children that has one.
 * <p>
 * A task must do no harm when it is run again, or by two processes at once: every replica
 * runs it, and a start that fails later is made again.
 */
@FunctionalInterface
public interface SchemaReadyTask {

	/**
	 * Runs, with the application's own beans and connections.
	 * @param status the schema at the last look: at head or ahead of this release;
	 * {@link SchemaState#UNKNOWN} where Headlock is not active, such as on another
	 * database
	 * @throws Exception if it failed; the start then fails
	 */
	void run(SchemaStatus status) throws Exception;

	/**
	 * Returns whether replicas that start together run this task one after the other. The
	 * one whose turn it is holds an advisory lock for as long; the others wait, each for
	 * at most {@code headlock.lock.timeout}. No other task that asks for the same is run
	 * meanwhile. On a hot standby the lock keeps out only the replicas that reached the
	 * same standby.
	 * @return {@code false} unless overridden
	 */
	default boolean isOneAtATime() {
		return false;
	}

}
