package io.github.headlock.autoconfigure;

import io.github.headlock.startup.SupportedVersions;

import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;

/**
 * Ends the start where Spring Boot is older than Headlock needs, before bean definitions
 * of two of its versions meet, which they do also where Headlock is turned off. Older
 * versions of Spring Boot call it as well.
 */
final class SpringBootVersionCheck implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		if (!SupportedVersions.isSpringBootSupported()) {
			throw new UnsupportedSpringBootException(SupportedVersions.describe());
		}
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

}
