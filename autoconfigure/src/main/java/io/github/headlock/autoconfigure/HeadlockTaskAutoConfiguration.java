package io.github.headlock.autoconfigure;

import io.github.headlock.SchemaReadyTask;
import io.github.headlock.startup.SchemaReadyTasks;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the application's {@link SchemaReadyTask} beans, which are run
 * where Headlock is not active, too.
 */
@AutoConfiguration(after = HeadlockAutoConfiguration.class)
@ConditionalOnClass({ Flyway.class, FlywayMigrationStrategy.class, PostgreSQLConfigurationExtension.class })
@EnableConfigurationProperties(HeadlockProperties.class)
public final class HeadlockTaskAutoConfiguration {

	HeadlockTaskAutoConfiguration() {
	}

	@Bean
	SchemaReadyTasks headlockSchemaReadyTasks(ConfigurableListableBeanFactory beans, HeadlockProperties properties) {
		return new SchemaReadyTasks(beans, properties.getLock().getTimeout(), properties.getLock().getPollInterval());
	}

}
