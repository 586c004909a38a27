package io.github.headlock.migration;

import java.util.Optional;
import java.util.function.Supplier;

import io.github.headlock.StartReport;

/**
 * Follows the database part of a start from its beginning to its end.
 */
@FunctionalInterface
public interface StartObserver {

	/**
	 * Runs the start and follows it.
	 * @param start the start, to be run once; empty if the database is not PostgreSQL and
	 * Flyway migrated on its own
	 * @return what the start resulted in
	 */
	Optional<StartReport> observe(Supplier<Optional<StartReport>> start);

}
