package io.github.headlock.autoconfigure;

import io.github.headlock.health.SchemaHealthIndicator;
import io.github.headlock.migration.HeadlockMigrationStrategy;
import io.github.headlock.observation.SchemaWatch;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the health of the schema.
 */
@AutoConfiguration(after = HeadlockAutoConfiguration.class,
		beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(HeadlockMigrationStrategy.class)
@ConditionalOnEnabledHealthIndicator("schema")
public final class HeadlockHealthAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "schemaHealthIndicator")
	SchemaHealthIndicator schemaHealthIndicator(HeadlockMigrationStrategy strategy, SchemaWatch watch) {
		return new SchemaHealthIndicator(strategy, watch);
	}

}
