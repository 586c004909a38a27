package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.BoundedSchemaProbe;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the health of the schema. The contributor is always there, so
 * that a health group that names it never keeps an application from starting.
 */
@AutoConfiguration(
		beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
public final class HeadlockHealthAutoConfiguration {

	private static final String ENABLED = "management.health.schema.enabled";

	private static final String DEFAULT = "management.health.defaults.enabled";

	HeadlockHealthAutoConfiguration() {
	}

	/** Considered after those of the class within. */
	@Bean
	@ConditionalOnMissingBean(name = "schemaHealthIndicator")
	HealthIndicator schemaHealthIndicator() {
		return () -> Health.unknown().withDetail("reason", "The application has no Flyway for PostgreSQL").build();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Flyway.class, FlywayMigrationStrategy.class, PostgreSQLConfigurationExtension.class })
	static class WithFlyway {

		@Bean
		@ConditionalOnMissingBean(name = "schemaHealthIndicator")
		SchemaHealthIndicator schemaHealthIndicator(ObjectProvider<HeadlockMigrationStrategy> strategy,
				ObjectProvider<BoundedSchemaProbe> probe, Environment environment) {
			return new SchemaHealthIndicator(strategy::getIfAvailable, probe::getObject, turnedOffBy(environment));
		}

		/** Decided at run time, also where conditions were decided at build time. */
		private static @Nullable String turnedOffBy(Environment environment) {
			Boolean enabled = environment.getProperty(ENABLED, Boolean.class);
			if (enabled != null) {
				return enabled ? null : ENABLED;
			}
			return environment.getProperty(DEFAULT, Boolean.class, true) ? null : DEFAULT;
		}

	}

}
