package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.BoundedSchemaProbe;
import io.github.headlock.actuate.HeadlockMeters;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the metrics, which every meter registry of the application gets.
 */
@AutoConfiguration(after = HeadlockAutoConfiguration.class)
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(HeadlockMigrationStrategy.class)
public final class HeadlockMetricsAutoConfiguration {

	HeadlockMetricsAutoConfiguration() {
	}

	@Bean
	@ConditionalOnMissingBean
	HeadlockMeters headlockMeters(ObjectProvider<HeadlockMigrationStrategy> strategy, BoundedSchemaProbe probe,
			ObjectProvider<MeterRegistry> registries) {
		return new HeadlockMeters(ManagingStrategy.of(strategy), probe, registries);
	}

}
