package io.github.headlock.autoconfigure;

import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;

/**
 * Keeps a process that skips migrations from migrating where Headlock is turned off.
 */
final class NobodyMigrates implements FlywayMigrationStrategy {

	private static final Logger logger = LoggerFactory.getLogger(NobodyMigrates.class);

	@Override
	public void migrate(Flyway flyway) {
		logger.warn("Nobody migrates in this process, because headlock.skip-migrations=true is set, and nothing "
				+ "waits for the schema or watches it, because headlock.enabled=false is set");
	}

}
