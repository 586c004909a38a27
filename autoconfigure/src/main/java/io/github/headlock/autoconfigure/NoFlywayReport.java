package io.github.headlock.autoconfigure;

import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Says once in the log which properties have no effect, because there is no Flyway.
 */
class NoFlywayReport implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(NoFlywayReport.class);

	private final HeadlockProperties properties;

	NoFlywayReport(HeadlockProperties properties) {
		this.properties = properties;
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<String> names = ProtectiveProperties.of(this.properties);
		if (this.properties.isSkipMigrations()) {
			names.add(0, SkipMigrationsCheck.PROPERTY);
		}
		if (!names.isEmpty()) {
			logger.warn("Without effect: {}. The application has no Flyway (see spring.flyway.enabled), so nothing "
					+ "migrates here, and nothing waits for the schema or watches it", names);
		}
	}

}
