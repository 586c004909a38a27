package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.MigrationObservation;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the observation of the start, for traces.
 */
@AutoConfiguration(after = HeadlockAutoConfiguration.class)
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(HeadlockMigrationStrategy.class)
public final class HeadlockObservationAutoConfiguration {

	HeadlockObservationAutoConfiguration() {
	}

	@Bean
	MigrationObservation headlockStartObservation(ObjectProvider<ObservationRegistry> registries) {
		return new MigrationObservation(registries);
	}

}
