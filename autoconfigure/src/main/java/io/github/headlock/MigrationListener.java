package io.github.headlock;

import java.time.Duration;

/**
 * Is told how the database part of a start ended. Beans of this type are called on the
 * starting thread, after the lock is freed; what they throw is logged with the name of
 * the bean, and changes nothing. They are called before the application's other beans are
 * created. One that needs a bean that comes after the migration, such as
 * {@code JdbcTemplate} or JPA, is told when all singletons are there, and not at all of a
 * start that failed. One that asks for such a bean only when it is told, as by
 * {@code ObjectProvider}, is told again then.
 */
public interface MigrationListener {

	/**
	 * The schema is ready, or this process starts without it.
	 * @param report how the start went
	 */
	default void succeeded(MigrationReport report) {
	}

	/**
	 * The start failed, and the process will end.
	 * @param failure why
	 * @param took time from its beginning
	 */
	default void failed(RuntimeException failure, Duration took) {
	}

}
