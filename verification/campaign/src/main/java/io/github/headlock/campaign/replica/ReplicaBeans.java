package io.github.headlock.campaign.replica;

import java.nio.file.Path;

import io.github.headlock.BackgroundMigration;
import io.github.headlock.BackgroundThrottle;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Beans that only some replicas have.
 */
@Configuration(proxyBeanMethods = false)
public class ReplicaBeans {

	/** What is put between the parts of a name, by a background migration in Java. */
	public static final String SEPARATOR = "campaign.separator";

	/** File that lets background migrations hold. */
	public static final String HOLD = "campaign.hold";

	@Bean
	@ConditionalOnProperty(SEPARATOR)
	BackgroundMigration fullNames(Environment environment) {
		return new FullNames(environment.getRequiredProperty(SEPARATOR));
	}

	@Bean
	@ConditionalOnProperty(HOLD)
	BackgroundThrottle fileThrottle(Environment environment) {
		return new FileThrottle(Path.of(environment.getRequiredProperty(HOLD)));
	}

}
