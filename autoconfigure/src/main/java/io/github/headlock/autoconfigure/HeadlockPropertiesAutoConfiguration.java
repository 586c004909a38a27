package io.github.headlock.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Auto-configuration of the checks of Headlock's property names and durations, wherever
 * Headlock is on the class path.
 */
@AutoConfiguration
public final class HeadlockPropertiesAutoConfiguration {

	HeadlockPropertiesAutoConfiguration() {
	}

	@Bean
	static UnknownPropertyCheck headlockUnknownPropertyCheck(ConfigurableEnvironment environment) {
		return new UnknownPropertyCheck(environment);
	}

	@Bean
	static DurationCheck headlockDurationCheck(ConfigurableEnvironment environment) {
		return new DurationCheck(environment);
	}

}
