package io.github.headlock.autoconfigure;

import io.github.headlock.migration.HeadlockMigrationStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;

/**
 * Says once in the log that Headlock takes no part in migrations, and why.
 */
final class BackOffReport implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(BackOffReport.class);

	private final HeadlockProperties properties;

	private final ObjectProvider<FlywayMigrationStrategy> strategies;

	BackOffReport(HeadlockProperties properties, ObjectProvider<FlywayMigrationStrategy> strategies) {
		this.properties = properties;
		this.strategies = strategies;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (!this.properties.isEnabled()) {
			logger.info("Headlock is not active: headlock.enabled=false");
			return;
		}
		this.strategies.stream().forEach((strategy) -> {
			if (!(strategy instanceof HeadlockMigrationStrategy headlock)) {
				logger.info("Headlock is not active: the application has a migration strategy of its own, {}",
						strategy.getClass().getName());
			}
			else if (!headlock.wasCalled()) {
				logger.warn("Headlock was not asked to migrate: give the application's own FlywayMigrationInitializer "
						+ "the FlywayMigrationStrategy bean");
			}
		});
	}

}
