package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.Locale;

import io.github.headlock.startup.HeadlockMigrationStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;

/**
 * Says once in the log that Headlock takes no part in migrations, why, and which
 * properties have no effect therefore.
 */
final class InactiveReporter implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(InactiveReporter.class);

	private final HeadlockProperties properties;

	private final ListableBeanFactory beans;

	InactiveReporter(HeadlockProperties properties, ListableBeanFactory beans) {
		this.properties = properties;
		this.beans = beans;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (!this.properties.isEnabled()) {
			logger.info("Headlock is not active: headlock.enabled=false");
			warnOfProtections("headlock.enabled=false is set");
			return;
		}
		BeanFactoryUtils.beansOfTypeIncludingAncestors(this.beans, FlywayMigrationStrategy.class).forEach(this::report);
	}

	private void report(String name, FlywayMigrationStrategy strategy) {
		if (!(strategy instanceof HeadlockMigrationStrategy headlock)) {
			logger.info("Headlock is not active: the application has a migration strategy of its own, the bean \"{}\"",
					name);
			warnOfProtections(String.format(Locale.ROOT, "the bean \"%s\" migrates instead of Headlock", name));
		}
		else if (!headlock.wasCalled()) {
			logger.warn("Headlock was not asked to migrate: give the application's own FlywayMigrationInitializer "
					+ "the FlywayMigrationStrategy bean");
			warnOfProtections(String.format(Locale.ROOT, "the bean \"%s\" was not asked to migrate", name));
		}
		else if (headlock.managed().isEmpty()) {
			warnOfProtections("the database is not PostgreSQL");
		}
	}

	private void warnOfProtections(String reason) {
		List<String> names = ProtectiveProperties.of(this.properties);
		if (!names.isEmpty()) {
			logger.warn("Without effect: {}, because {}", names, reason);
		}
	}

}
