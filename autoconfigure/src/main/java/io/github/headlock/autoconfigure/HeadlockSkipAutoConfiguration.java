package io.github.headlock.autoconfigure;

import org.flywaydb.core.Flyway;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of what keeps {@code headlock.skip-migrations}, and of what says
 * that other properties have no effect, where Headlock takes no part.
 */
@AutoConfiguration(after = HeadlockAutoConfiguration.class)
@ConditionalOnClass({ Flyway.class, FlywayMigrationStrategy.class })
@EnableConfigurationProperties(HeadlockProperties.class)
@ImportRuntimeHints(SkipMigrationsCheck.Hints.class)
public final class HeadlockSkipAutoConfiguration {

	HeadlockSkipAutoConfiguration() {
	}

	@Bean
	static SkipMigrationsCheck headlockSkipMigrationsCheck(Environment environment) {
		return new SkipMigrationsCheck(environment);
	}

	@Bean
	@ConditionalOnMissingBean(Flyway.class)
	NoFlywayReport headlockNoFlywayReport(HeadlockProperties properties) {
		return new NoFlywayReport(properties);
	}

}
