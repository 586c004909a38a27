package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.BoundedSchemaProbe;
import io.github.headlock.actuate.HeadlockBackgroundEndpoint;
import io.github.headlock.actuate.HeadlockBackgroundEndpointWebExtension;
import io.github.headlock.startup.HeadlockMigrationStrategy;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the endpoint {@code headlockbackground}, where access is given
 * and it is exposed.
 */
@AutoConfiguration(after = HeadlockAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(HeadlockMigrationStrategy.class)
@ConditionalOnAvailableEndpoint(HeadlockBackgroundEndpoint.class)
public final class HeadlockBackgroundEndpointAutoConfiguration {

	HeadlockBackgroundEndpointAutoConfiguration() {
	}

	@Bean
	@ConditionalOnMissingBean
	HeadlockBackgroundEndpoint headlockBackgroundEndpoint(ObjectProvider<HeadlockMigrationStrategy> strategy,
			BoundedSchemaProbe probe) {
		return new HeadlockBackgroundEndpoint(ManagingStrategy.of(strategy), probe);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(HeadlockBackgroundEndpoint.class)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	HeadlockBackgroundEndpointWebExtension headlockBackgroundEndpointWebExtension(HeadlockBackgroundEndpoint endpoint) {
		return new HeadlockBackgroundEndpointWebExtension(endpoint);
	}

}
