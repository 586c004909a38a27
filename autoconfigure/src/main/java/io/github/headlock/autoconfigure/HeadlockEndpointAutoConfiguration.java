package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.BoundedSchemaProbe;
import io.github.headlock.actuate.HeadlockEndpoint;
import io.github.headlock.startup.HeadlockMigrationStrategy;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the endpoint {@code headlock}, where it is exposed.
 */
@AutoConfiguration(after = HeadlockAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(HeadlockMigrationStrategy.class)
@ConditionalOnAvailableEndpoint(HeadlockEndpoint.class)
public final class HeadlockEndpointAutoConfiguration {

	HeadlockEndpointAutoConfiguration() {
	}

	@Bean
	@ConditionalOnMissingBean
	HeadlockEndpoint headlockEndpoint(ObjectProvider<HeadlockMigrationStrategy> strategy, BoundedSchemaProbe probe) {
		return new HeadlockEndpoint(ManagingStrategy.of(strategy), probe);
	}

}
