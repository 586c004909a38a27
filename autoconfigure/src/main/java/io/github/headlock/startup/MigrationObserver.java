package io.github.headlock.startup;

import java.util.Optional;
import java.util.function.Supplier;

import io.github.headlock.MigrationReport;

/**
 * Follows the database part of a start from its beginning to its end.
 */
@FunctionalInterface
public interface MigrationObserver {

	/**
	 * Runs the start and follows it.
	 * @param start the start, to be run once; empty if the database is not PostgreSQL and
	 * Flyway migrated on its own
	 * @return what the start resulted in
	 */
	Optional<MigrationReport> observe(Supplier<Optional<MigrationReport>> start);

}
