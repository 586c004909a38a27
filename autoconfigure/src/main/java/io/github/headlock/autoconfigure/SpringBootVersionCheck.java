package io.github.headlock.autoconfigure;

import io.github.headlock.startup.SupportedVersions;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;

/**
 * Ends the start where Spring Boot is older than Headlock needs, before bean definitions
 * of two of its versions meet. Older versions of Spring Boot call it as well.
 */
final class SpringBootVersionCheck implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		if (!SupportedVersions.isSpringBootSupported()
				&& Binder.get(context.getEnvironment()).bind("headlock.enabled", Boolean.class).orElse(true)) {
			throw new UnsupportedSpringBootException(SupportedVersions.describe());
		}
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

}
